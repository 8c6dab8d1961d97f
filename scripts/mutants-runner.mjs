/**
 * How `npm run mutants` runs our tests: a test runner for Stryker on the public interface of mocha (Stryker's own runner reaches for
 * files inside mocha that mocha 12 no longer has). Tests are loaded once a process and run again for each change, only those that
 * reached the changed code; a run without end is Stryker's to kill.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { DryRunStatus, determineHitLimitReached, TestStatus, toMutantRunResult } from '@stryker-mutator/api/test-runner';
import Mocha from 'mocha';

const NAMESPACE = '__stryker__';
/** Only the first process is told which files hold the tests. All of them stand in the same folder, a copy of the repository. */
const FILES = '.mutants-tests.json';

class MochaRunner {
  #mocha;
  #told;
  /** what Stryker's changed code reads: the change to make, and where it counts what was reached */
  #shared;

  constructor() {
    globalThis[NAMESPACE] ??= {};
    this.#shared = globalThis[NAMESPACE];
  }

  capabilities() {
    return { reloadEnvironment: false }; // a module is imported once a process
  }

  async init() {
    const runner = this;
    this.#mocha = new Mocha({
      reporter: collector((told) => {
        this.#told = told;
      }),
      timeout: 0,
    });
    this.#mocha.cleanReferencesAfterRun(false);
    this.#mocha.suite.beforeEach(function () {
      runner.#shared.currentTestId = this.currentTest.fullTitle();
    });
  }

  async dryRun({ testFiles, disableBail }) {
    writeFileSync(FILES, JSON.stringify(testFiles));
    const result = await this.#run(disableBail);
    return result.status === DryRunStatus.Complete ? { ...result, mutantCoverage: this.#shared.mutantCoverage } : result;
  }

  async mutantRun({ activeMutant, testFilter, disableBail, hitLimit, mutantActivation }) {
    this.#shared.hitLimit = hitLimit;
    this.#shared.hitCount = hitLimit === undefined ? undefined : 0;
    this.#mocha.grep(testFilter ? new RegExp(testFilter.map((title) => `^${escaped(title)}$`).join('|')) : /^/);
    return toMutantRunResult(await this.#run(disableBail, activeMutant.id, mutantActivation));
  }

  dispose() {
    this.#mocha?.dispose();
  }

  #loaded = false;

  async #run(disableBail, change, activation) {
    try {
      if (!this.#loaded) {
        this.#shared.activeMutant = activation === 'static' ? change : undefined;
        for (const file of JSON.parse(readFileSync(FILES, 'utf8'))) this.#mocha.addFile(file);
        await this.#mocha.loadFilesAsync();
        this.#loaded = true;
      }
      bail(this.#mocha.suite, !disableBail);
      this.#shared.activeMutant = change;
      this.#told = undefined;
      await new Promise((done) => this.#mocha.run(done));
      return determineHitLimitReached(this.#shared.hitCount, this.#shared.hitLimit) ?? { status: DryRunStatus.Complete, tests: this.#told };
    } catch (error) {
      return { status: DryRunStatus.Error, errorMessage: String(error?.stack ?? error) };
    }
  }
}

function bail(suite, on) {
  suite.bail(on);
  for (const inner of suite.suites) bail(inner, on);
}

/** A mocha reporter that prints nothing and hands over a list of results at the start of each run. */
function collector(hand) {
  return function Collector(runner) {
    const told = [];
    let since = performance.now();
    const tell = (name, more) => {
      const now = performance.now();
      told.push({ id: name, name, timeSpentMs: Math.round(now - since), ...more });
      since = now;
    };
    runner.on('start', () => hand(told));
    runner.on('pass', (test) => tell(test.fullTitle(), { status: TestStatus.Success, fileName: test.file }));
    runner.on('fail', (test, error) => {
      // A hook that fails counts as the test it ran for.
      tell((test.ctx?.currentTest ?? test).fullTitle(), { status: TestStatus.Failed, failureMessage: error.message || String(error) });
    });
  };
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'mocha-12', MochaRunner)];
