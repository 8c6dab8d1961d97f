import { describe, pairs, texts } from '../clusters/describe.js';
import { DESCRIBED, describedAction, nameOf } from '../clusters/described.js';
import type { CommandSpec } from '../command.js';

const APPLIANCE = {
  facet: 'appliance',
  columns: { name: 'name', parameters: 'parameters.parameter.name', outputs: 'outputs.output.name' },
};

export const appliance: CommandSpec = {
  name: 'appliance',
  summary: 'Name an environment that operations ask for',
  arguments: [
    { form: '<ACTION>', about: 'what to do', choices: ['create', ...DESCRIBED] },
    { form: '[NAME]', about: 'the id of the resource' },
  ],
  options: [
    ['--title <TEXT>', 'the name operations use'],
    ['--declare-output <NAME>', 'an output that every implementation must give (repeatable)', { repeatable: true }],
    ['--parameter <NAME=DEFAULT>', 'a parameter that every implementation understands (repeatable)', { repeatable: true }],
  ],
  examples: [['facetry appliance create notebook --declare-output master_ip', 'with an output it must have']],
  async run(session, [action, given], options) {
    if (await describedAction(session, action, given, APPLIANCE)) return;
    const name = nameOf(given);
    const parameters = Object.entries(pairs('parameter', texts(options.parameter)));
    const outputs = texts(options.declareOutput);
    await describe(session, name, 'appliance', {
      name: String(options.title ?? name),
      parameters: parameters.length > 0 ? { parameter: parameters.map(([key, value]) => ({ name: key, default: value })) } : undefined,
      outputs: outputs.length > 0 ? { output: outputs.map((output) => ({ name: output })) } : undefined,
    });
  },
};
