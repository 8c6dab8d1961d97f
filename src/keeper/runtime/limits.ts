/** What one delegate may use. */
export const DELEGATE_LIMITS = {
  /** bytes of output of one run */
  output: 256 * 1024,
  /** bytes of its diagnostics that are kept for the log */
  diagnostics: 8 * 1024,
  /** bytes of memory: of the JavaScript heap of a module, of all processes of an executable */
  memory: 256 * 1024 * 1024,
  /** ms to declare itself */
  describe: 5_000,
} as const;
