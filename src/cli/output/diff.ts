import type { Colors } from './colors.js';

/** A unified diff for people: removed lines red, added ones green; without the names of the two sides. */
export function coloredDiff(diff: string, colors: Colors): string {
  return diff
    .split('\n')
    .filter((line) => !/^(?:=+$|--- |\+\+\+ |Index: |\\ No newline)/.test(line))
    .map((line) => {
      if (line.startsWith('+')) return colors.green(line);
      if (line.startsWith('-')) return colors.red(line);
      return line.startsWith('@@') ? colors.cyan(line) : line;
    })
    .join('\n');
}
