import type { Violation } from '../../model/index.js';

/** A keeper's file cannot be used: every place of it that is wrong. */
export class ConfigFault extends Error {
  constructor(
    readonly file: string,
    /** the file's text; empty when it cannot be read */
    readonly text: string,
    readonly violations: readonly Violation[],
  ) {
    const [first] = violations;
    super(`${file}${first?.line === undefined ? '' : `:${first.line}`}: ${first?.message ?? 'is not valid'}`);
    this.name = 'ConfigFault';
  }
}
