/* On a narrow window the week begins with today: what went before is a swipe away. */
const begin = () =>
  document.querySelector(".shifts .today")?.scrollIntoView({ inline: "start", block: "nearest" });

begin();
addEventListener("resize", begin);
