/** Random questions to random directories: any expression, and paths from the resources down with the predicates people write. */
import fc from 'fast-check';
import { expressions } from '../../fuzz/expressions.js';

export const questions = fc.oneof(
  { weight: 8, arbitrary: expressions({ variables: false, extensions: true }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('/r:resource', '//r:resource', '/*', '//*'),
        fc.array(
          fc.constantFrom(
            "[r:scope='/a']",
            '[*//@x=1]',
            "[.//a[.='1']]",
            '[count(r:scope)=1]',
            '[r:scope[2]]',
            '[a/b]',
            '[2]',
            '[last()]',
            "[not(r:scope='1')]",
            '[contains(.,"a")]',
            '[following-sibling::*[1]//@x]',
            '[a/@x = .//@y]',
            '[.//b/following-sibling::*[1]]',
            "[@id='i3' or @id='i5']",
            '[r:name/following-sibling::a]',
            "[a/following-sibling::a[1][.='1']]",
            '[.//b/preceding-sibling::b[2][@x]]',
            '[*/a[following-sibling::a[1]/@x]]',
            "[local-name()='a']",
            '[dir:age(a) > 3]',
            '[not(dir:fresh(*[5]))]',
            "[dir:owner(.//b) = 'Q{}a']",
          ),
          { maxLength: 3 },
        ),
        fc.constantFrom(
          '',
          '',
          '/r:scope',
          '//a',
          '/a/b[2]',
          '//text()',
          '/*[2]/*',
          '/@id',
          '/a[b]/@x',
          '/following::r:scope',
          '/preceding::b[1]',
        ),
      )
      .map(([start, predicates, end]) => start + predicates.join('') + end),
  },
);
