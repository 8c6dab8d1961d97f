/**
 * What mocha prints during `npm test`: one line a file, every failure and every skip with its reason. The counts go to the
 * file that FACETRY_TEST_COUNTS names, because the closing line also counts the checks that are not mocha's.
 */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

export default class Reporter {
  constructor(runner) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const failures = [];
    const skips = new Map();
    let file;
    let ofFile = { passed: 0, failed: 0, skipped: 0, ms: 0 };

    const flush = () => {
      if (file === undefined) return;
      const { passed, failed, skipped, ms } = ofFile;
      const extra = `${failed > 0 ? `, ${failed} FAILED` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
      console.log(`${failed > 0 ? '✗' : '✓'} ${relative(process.cwd(), file)}  ${passed} passed${extra}  ${(ms / 1000).toFixed(1)} s`);
      ofFile = { passed: 0, failed: 0, skipped: 0, ms: 0 };
    };
    const enter = (test) => {
      if (test.file === file) return;
      flush();
      file = test.file;
    };
    const count = (test, outcome) => {
      enter(test);
      counts[outcome]++;
      ofFile[outcome]++;
      ofFile.ms += test.duration ?? 0;
    };

    runner.on('pass', (test) => count(test, 'passed'));
    runner.on('pending', (test) => {
      count(test, 'skipped');
      const where = relative(process.cwd(), test.file ?? '');
      const reason = reasonOf(test);
      skips.set(`${where}: ${reason}`, (skips.get(`${where}: ${reason}`) ?? 0) + 1);
    });
    runner.on('fail', (test, error) => {
      count(test, 'failed');
      failures.push({ title: test.fullTitle(), file: relative(process.cwd(), test.file ?? ''), error });
      console.log(`  ✗ ${test.fullTitle()}`);
    });
    runner.once('end', () => {
      flush();
      failures.forEach(({ title, file: where, error }, index) => {
        console.log(`\n${index + 1}) ${title}\n   ${where}\n${indent(error?.stack ?? String(error))}`);
        if (error?.expected !== undefined && error?.actual !== undefined && typeof error.expected !== 'function') {
          console.log(indent(`expected: ${show(error.expected)}\nactual:   ${show(error.actual)}`));
        }
      });
      if (skips.size > 0) console.log(`\nskipped:\n${[...skips].map(([what, times]) => `  ${times}× ${what}`).join('\n')}`);
      const target = process.env.FACETRY_TEST_COUNTS;
      if (target) writeFileSync(target, JSON.stringify(counts));
      else console.log(`\n${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
    });
  }
}

/** A suite that skips says why in its title or in a test's: `… (skipped: ../shared is not here)`. */
function reasonOf(test) {
  const title = test.fullTitle();
  return /\(skipped: (.*)\)/.exec(title)?.[1] ?? title;
}

function show(value) {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 1) ?? String(value));
  return text.length > 2000 ? `${text.slice(0, 2000)} …` : text;
}

function indent(text) {
  return text.replace(/^/gm, '     ');
}
