import type { Random } from '../servers/random.js';

/** Pieces that have broken XML parsers before. */
const TOKENS: readonly Buffer[] = [
  '<!DOCTYPE a [<!ENTITY e SYSTEM "http://127.0.0.1:18999/canary/m">]>',
  '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
  '&e;',
  '&#0;',
  '&#x110000;',
  '&#xFFFF;',
  '&amp',
  '&',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '--',
  '<?xml version="1.1"?>',
  '<?xml version="1.0" encoding="UTF-16"?>',
  '<?xml-stylesheet href="http://127.0.0.1:18999/canary/s"?>',
  '<?p',
  '?>',
  '<',
  '</',
  '/>',
  '>',
  '"',
  "'",
  '=',
  ':',
  'xmlns=""',
  ' xmlns:xml="urn:x"',
  ' xmlns:p=""',
  ' id="x"',
  ' r:id="x"',
  ' xsi:schemaLocation="urn:f http://127.0.0.1:18999/canary/x"',
  '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>',
  '<a:b/>',
  '<resource>',
  '<scope>/../..</scope>',
  '\u{1F600}',
  '\u0301',
  '\uFEFF',
  '\u2028',
].map((text) => Buffer.from(text, 'utf8'));
const BYTES: readonly Buffer[] = [
  [0x00],
  [0xff, 0xfe],
  [0xfe, 0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0x80],
  [0x1b],
  [0x0d],
  [0xef, 0xbf, 0xbf],
].map((bytes) => Buffer.from(bytes));

/** Changes a document in one to four places; sometimes it stays well-formed, mostly not. */
export function mutate(document: Buffer, others: readonly Buffer[], dice: Random): Buffer {
  let bytes = document;
  for (let n = 1 + dice.int(1 + dice.int(4)); n > 0; n--) bytes = STEPS[dice.int(STEPS.length)]?.(bytes, others, dice) as Buffer;
  return bytes;
}

type Step = (bytes: Buffer, others: readonly Buffer[], dice: Random) => Buffer;

const insert = (bytes: Buffer, at: number, piece: Buffer) => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
/** a place where markup begins, so that what is put there has a chance to be read as such */
const tagIn = (bytes: Buffer, dice: Random) => Math.max(0, bytes.indexOf(0x3c, dice.int(bytes.length + 1)));
const range = (bytes: Buffer, dice: Random): [number, number] => {
  const from = dice.int(bytes.length + 1);
  return [from, Math.min(bytes.length, from + dice.int(200))];
};

/** Another word of the same kind where a word stands: mostly still a good document, and a new one. */
const reword: Step = (bytes, _, dice) => {
  const copy = Buffer.from(bytes);
  const text = copy.indexOf(0x3e, dice.int(bytes.length + 1)) + 1;
  for (let at = text; at > 0 && at < copy.length && copy[at] !== 0x3c; at++) {
    const byte = copy[at] as number;
    if (byte >= 0x30 && byte <= 0x39) copy[at] = 0x30 + dice.int(10);
    else if (byte >= 0x61 && byte <= 0x7a) copy[at] = 0x61 + dice.int(26);
  }
  return copy;
};
const rename: Step = (bytes, _, dice) => {
  const id = bytes.indexOf(' id="');
  const end = bytes.indexOf(0x22, id + 5);
  return id < 0 || end < 0 ? bytes : Buffer.concat([bytes.subarray(0, id + 5), Buffer.from(`m${dice.int(100)}`), bytes.subarray(end)]);
};

const STEPS: readonly Step[] = [
  reword,
  rename,
  (bytes, _, dice) => {
    const copy = Buffer.from(bytes);
    for (let n = 1 + dice.int(8); n > 0 && copy.length > 0; n--) copy[dice.int(copy.length)] = dice.int(256);
    return copy;
  },
  (bytes, _, dice) => insert(bytes, dice.int(bytes.length + 1), dice.pick(BYTES)),
  (bytes, _, dice) => insert(bytes, tagIn(bytes, dice), dice.pick(TOKENS)),
  (bytes, _, dice) => insert(bytes, dice.int(bytes.length + 1), dice.pick(TOKENS)),
  // cut out, cut off, repeat, swap
  (bytes, _, dice) => {
    const [from, to] = range(bytes, dice);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, _, dice) => bytes.subarray(0, dice.int(bytes.length + 1)),
  (bytes, _, dice) => {
    const [from, to] = range(bytes, dice);
    const times = 1 + dice.int(dice.int(10) === 0 ? 2_000 : 10);
    return insert(bytes, to, Buffer.concat(Array.from({ length: times }, () => bytes.subarray(from, to))).subarray(0, 200_000));
  },
  (bytes, others, dice) => {
    const other = dice.pick(others);
    return Buffer.concat([bytes.subarray(0, tagIn(bytes, dice)), other.subarray(tagIn(other, dice))]);
  },
  // names: longer, prefixed, numbered
  (bytes, _, dice) => {
    const at = tagIn(bytes, dice) + 1;
    return insert(bytes, Math.min(at, bytes.length), Buffer.from('n'.repeat(1 + dice.int(3_000))));
  },
  // a tower of elements, a crowd of attributes or declarations
  (bytes, _, dice) => {
    const height = 1 + dice.int(500);
    return insert(bytes, tagIn(bytes, dice), Buffer.from('<d>'.repeat(height) + (dice.int(2) === 0 ? '</d>'.repeat(height) : '')));
  },
  (bytes, _, dice) => {
    const end = bytes.indexOf(0x3e, dice.int(bytes.length + 1));
    const crowd = Array.from({ length: 1 + dice.int(500) }, (_, k) => ` ${dice.int(2) === 0 ? 'xmlns:' : ''}a${k}="urn:${k}"`).join('');
    return insert(bytes, Math.max(0, end), Buffer.from(crowd));
  },
];
