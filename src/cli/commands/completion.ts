import type { CommandSpec } from '../command.js';
import { completionScript, SHELLS, type Shell } from '../completion/scripts.js';

export const completion: CommandSpec = {
  name: 'completion',
  summary: 'Print the completion script of a shell',
  arguments: [{ form: '<SHELL>', about: SHELLS.join(', '), choices: SHELLS }],
  examples: [
    ['source <(facetry completion bash)', 'this shell, now (bash)'],
    ['facetry completion zsh > ~/.zfunc/_facetry', 'for good (zsh)'],
    ['facetry completion fish > ~/.config/fish/completions/facetry.fish', 'for good (fish)'],
  ],
  async run({ print }, [shell]) {
    await print(completionScript(shell as Shell));
  },
};
