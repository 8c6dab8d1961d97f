import { expect } from 'chai';
import { decodeDocument } from '../../src/xml/index.js';
import { problemOf } from './support.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const utf16le = (text: string) => Buffer.from(text, 'utf16le');
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('Decoding a document', () => {
  const accepted: readonly (readonly [title: string, bytes: Buffer, text: string, charset?: string])[] = [
    ['UTF-8 by default', Buffer.from('<a>é</a>'), '<a>é</a>'],
    ['UTF-8 with a byte order mark, which is dropped', Buffer.from('\uFEFF<a/>'), '<a/>'],
    ['UTF-16LE by its mark', utf16le('\uFEFF<a>é</a>'), '<a>é</a>'],
    ['UTF-16BE by its mark', utf16be('\uFEFF<a>é</a>'), '<a>é</a>'],
    [
      'UTF-16 without mark, by its zeros',
      utf16le('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'),
      '<?xml version="1.0" encoding="UTF-16"?><a>é</a>',
    ],
    [
      'ISO-8859-1 as declared, control characters of C1 included',
      latin1('<?xml version="1.0" encoding="ISO-8859-1"?><a>é\x85</a>'),
      '<?xml version="1.0" encoding="ISO-8859-1"?><a>é\x85</a>',
    ],
    ['ISO-8859-1 by the charset', latin1('<a>é</a>'), '<a>é</a>', 'iso-8859-1'],
    ['US-ASCII', latin1("<?xml version='1.0' encoding='us-ascii'?><a/>"), "<?xml version='1.0' encoding='us-ascii'?><a/>"],
    [
      'charset and declaration that agree in other words',
      utf16le('\uFEFF<?xml version="1.0" encoding="utf-16"?><a/>'),
      '<?xml version="1.0" encoding="utf-16"?><a/>',
      'UTF-16LE',
    ],
    [
      'a comment that speaks of <!DOCTYPE',
      Buffer.from('<!-- <!DOCTYPE a> --><?p <!DOCTYPE a>?><a/>'),
      '<!-- <!DOCTYPE a> --><?p <!DOCTYPE a>?><a/>',
    ],
  ];
  for (const [title, bytes, text, charset] of accepted) {
    it(`takes ${title}`, () => {
      expect(decodeDocument(bytes, { charset })).to.equal(text);
    });
  }

  const refused: readonly (readonly [title: string, bytes: Buffer, code: string, charset?: string])[] = [
    ['nothing', Buffer.alloc(0), 'empty-body'],
    ['overlong UTF-8', Buffer.from([0x3c, 0x61, 0x3e, 0xc0, 0xaf, 0x3c, 0x2f, 0x61, 0x3e]), 'encoding-refused'],
    ['surrogates in UTF-8', Buffer.from([0x3c, 0x61, 0x3e, 0xed, 0xa0, 0x80]), 'encoding-refused'],
    ['ISO-8859-1 that does not say so', latin1('<a>é</a>'), 'encoding-refused'],
    ['US-ASCII with more than ASCII', Buffer.from('<?xml version="1.0" encoding="US-ASCII"?><a>é</a>'), 'encoding-refused'],
    ['a lone surrogate in UTF-16', Buffer.from([0xff, 0xfe, 0x3c, 0x00, 0x00, 0xd8]), 'encoding-refused'],
    ['half a code unit of UTF-16', Buffer.from([0xff, 0xfe, 0x3c]), 'encoding-refused'],
    ['UTF-32LE', Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0]), 'encoding-refused'],
    ['UTF-32BE', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x3c]), 'encoding-refused'],
    ['UTF-32 without mark', Buffer.from([0x3c, 0, 0, 0, 0x61, 0, 0, 0]), 'encoding-refused'],
    ['EBCDIC', Buffer.from([0x4c, 0x6f, 0xa7, 0x94, 0x93]), 'encoding-refused'],
    ['UTF-7', latin1('<?xml version="1.0" encoding="UTF-7"?><a/>'), 'encoding-refused'],
    ['windows-1252', latin1('<?xml version="1.0" encoding="windows-1252"?><a/>'), 'encoding-refused'],
    ['an encoding named like a property of objects', latin1('<?xml version="1.0" encoding="constructor"?><a/>'), 'encoding-refused'],
    ['UTF-8 that says it is UTF-16', latin1('<?xml version="1.0" encoding="UTF-16"?><a/>'), 'encoding-refused'],
    ['UTF-16 that says it is UTF-8', utf16le('\uFEFF<?xml version="1.0" encoding="UTF-8"?><a/>'), 'encoding-refused'],
    ['a charset that contradicts the declaration', latin1('<?xml version="1.0" encoding="ISO-8859-1"?><a/>'), 'encoding-refused', 'utf-8'],
    ['a charset that contradicts the mark', utf16be('\uFEFF<a/>'), 'encoding-refused', 'utf-16le'],
    ['a charset nobody knows', latin1('<a/>'), 'encoding-refused', 'koi8-r'],
    ['a DOCTYPE', Buffer.from('<!DOCTYPE a><a/>'), 'doctype-refused'],
    [
      'a DOCTYPE after a declaration, white space, a comment and an instruction',
      Buffer.from('<?xml version="1.0"?>\n <!--c--><?p?>\n<!DOCTYPE a [<!ENTITY e "x">]><a/>'),
      'doctype-refused',
    ],
    ['a DOCTYPE in UTF-16BE', utf16be('\uFEFF<!DOCTYPE a><a/>'), 'doctype-refused'],
    ['a DOCTYPE in ISO-8859-1', latin1('<?xml version="1.0" encoding="latin1"?><!DOCTYPE a><a/>'), 'doctype-refused'],
  ];
  for (const [title, bytes, code, charset] of refused) {
    it(`refuses ${title}: ${code}`, () => {
      const problem = problemOf(() => decodeDocument(bytes, { charset }));
      expect(problem.code).to.equal(code);
      expect(problem.message).to.not.equal('');
    });
  }

  it('says which byte is wrong and where', () => {
    const problem = problemOf(() => decodeDocument(Buffer.from([...Buffer.from('<a>\n é'), 0xe9, 0x20])));
    expect(problem.violations).to.deep.equal([{ rule: 'encoding', message: 'the byte 0xE9 is not UTF-8 here', line: 2, column: 3 }]);
  });

  it('says where the DOCTYPE is', () => {
    const problem = problemOf(() => decodeDocument(Buffer.from('<!-- x -->\n  <!DOCTYPE a><a/>'), { origin: { line: 5, column: 1 } }));
    expect(problem.violations[0]).to.include({ rule: 'doctype', line: 6, column: 3 });
  });
});
