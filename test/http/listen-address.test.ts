import { expect } from 'chai';
import { checkAddress } from '../../src/http/listen-address.js';

describe('http/listen-address', () => {
  it('is this machine unless said otherwise', () => expect(checkAddress({})).to.deep.equal({ host: '127.0.0.1', port: 8080 }));
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost'])
    it(`takes ${host}`, () => expect(checkAddress({ host, port: 0 }).host).to.equal(host));
  for (const host of ['0.0.0.0', '::', '192.168.1.2', 'example.org', '127.0.0.1.example.org', '']) {
    it(`takes "${host}" only when exposed`, () => {
      expect(() => checkAddress({ host })).to.throw(/expose/);
      expect(checkAddress({ host, exposed: true }).host).to.equal(host);
    });
  }
  for (const port of [-1, 65536, 1.5, Number.NaN])
    it(`refuses port ${port}`, () => expect(() => checkAddress({ port })).to.throw(RangeError));
});
