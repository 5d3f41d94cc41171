/* On a narrow window the week begins with today: what went before is a swipe away. */
const today = document.querySelector(".shifts .today");
today?.scrollIntoView({ inline: "start", block: "nearest" });
