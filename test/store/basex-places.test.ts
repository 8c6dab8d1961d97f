/** Where documents stand, beside a list that is looked through from its beginning. */
import { expect } from 'chai';
import { placesOf } from '../../src/store/basex/places.js';
import { random, seedFrom } from '../servers/random.js';

describe('The places of documents in a database', () => {
  it('are those of a plain list, whatever is added and removed', () => {
    const { int } = random(seedFrom('FACETRY_SEED'));
    const list = Array.from({ length: 300 }, (_, k) => `p${k}`);
    const places = placesOf(list);
    let fresh = list.length;
    for (let turn = 0; turn < 10_000; turn++) {
      if (int(2) === 0 || list.length === 0) {
        const path = int(3) === 0 ? `p${int(fresh)}` : `p${fresh++}`;
        if (list.includes(path)) continue;
        list.push(path);
        places.add(path);
      } else {
        const [path] = list.splice(int(list.length), 1) as [string];
        places.remove(path);
        expect(places.at(path), path).to.equal(undefined);
      }
      for (let look = 0; look < 3 && list.length > 0; look++) {
        const k = int(list.length);
        expect(places.at(list[k] as string), `turn ${turn}`).to.equal(k + 1);
        expect(places.count).to.equal(list.length);
      }
    }
  });

  it('are unknown of paths that more than one document has, which count nevertheless', () => {
    const places = placesOf(['a', 'b', 'a', 'c']);
    expect([places.at('a'), places.at('b'), places.at('c')]).to.deep.equal([undefined, 2, 4]);
  });
});
