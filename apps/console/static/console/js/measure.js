/*
 * How long a text is, as its network measures it: the same as apps/channels/measuring.py counts.
 */
const LINK = /https?:\/\/[^\s<>"]*[^\s<>".,;:!?'\])]/gu;
const FAR_MENTION = /(?<![\p{L}\p{N}_])(@[\p{L}\p{N}_]+)@[\p{L}\p{N}_.-]+[\p{L}\p{N}_]/gu;
const PICTURE = /[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3]/u;
const LIGHT = [
  [0, 4351],
  [8192, 8205],
  [8208, 8223],
  [8242, 8247],
];
const segmenter = new Intl.Segmenter();

const graphemes = (text) => [...segmenter.segment(text)].map(({ segment }) => segment);
const short = (text) => text.replace(LINK, "x".repeat(23));
const isAscii = (text) => [...text].every((character) => character.codePointAt(0) < 128);

function weight(grapheme) {
  if (!isAscii(grapheme) && PICTURE.test(grapheme)) return 2;
  return [...grapheme].reduce((sum, character) => {
    const code = character.codePointAt(0);
    return sum + (LIGHT.some(([first, last]) => first <= code && code <= last) ? 1 : 2);
  }, 0);
}

const MEASURES = {
  graphemes: (text) => graphemes(text).length,
  "short-links": (text) => graphemes(short(text).replace(FAR_MENTION, "$1")).length,
  weighted: (text) =>
    graphemes(short(text.normalize("NFC"))).reduce((sum, one) => sum + weight(one), 0),
};

export const measure = (kind, text) => MEASURES[kind](text);
