/** What could stand where the cursor is: from the tree of commands, and from the directory. */
import type { Command, Option } from 'commander';

export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** What only the directory knows. May be slow or fail: then there is nothing to offer. */
export interface Dynamic {
  ids(prefix: string): Promise<readonly string[]>;
  interfaces(): Promise<readonly { readonly prefix: string; readonly ns: string }[]>;
}

/** Commands whose arguments are ids of resources. */
const TAKES_ID = ['get', 'remove', 'patch'];

/** `words`: what was typed after `facetry`; the last one is being typed. Empty: the shell may offer files. */
export async function candidates(program: Command, words: readonly string[], dynamic: Dynamic): Promise<readonly Candidate[]> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const command = program.commands.find((one) => before.includes(one.name())) ?? program;
  const options = [...(command === program ? [] : command.options), ...program.options].filter((option) => !option.hidden);

  const last = before.at(-1) ?? '';
  const previous = options.find(({ short, long }) => last !== '' && (short === last || long === last));
  if (previous !== undefined && takesValue(previous)) return matching(await valuesOf(previous, dynamic), typed);
  if (typed.startsWith('-')) {
    const [name, ...rest] = typed.split('=');
    const named = options.find((option) => option.long === name);
    if (rest.length > 0 && named !== undefined)
      return matching(
        (await valuesOf(named, dynamic)).map(({ word }) => ({ word: `${name}=${word}` })),
        typed,
      );
    return matching(
      options.map((option) => ({ word: option.long ?? option.short ?? '', about: option.description })),
      typed,
    );
  }
  if (command === program) {
    return matching(
      program.commands.map((one) => ({ word: one.name(), about: one.summary() })),
      typed,
    );
  }
  const choices = command.registeredArguments[0]?.argChoices;
  if (choices !== undefined)
    return matching(
      choices.map((word) => ({ word })),
      typed,
    );
  if (TAKES_ID.includes(command.name()))
    return matching(
      (await dynamic.ids(typed)).map((word) => ({ word })),
      typed,
    );
  if (command.name() === 'explain')
    return matching(
      (await dynamic.interfaces()).map(({ prefix, ns }) => ({ word: prefix, about: ns })),
      typed,
    );
  if (command.name() === 'discover') return await pathStart(typed, dynamic);
  return [];
}

/** `//host:` where an expression begins. */
async function pathStart(typed: string, dynamic: Dynamic): Promise<readonly Candidate[]> {
  const [, start, prefix] = /^(.*?(?:^|[/[( ]))([\w-]*)$/s.exec(typed) ?? [];
  if (start === undefined || prefix === undefined) return [];
  const all = [{ prefix: 'r', ns: 'resources' }, ...(await dynamic.interfaces())];
  return all.filter((one) => one.prefix.startsWith(prefix)).map((one) => ({ word: `${start}${one.prefix}:`, about: one.ns }));
}

async function valuesOf(option: Option, dynamic: Dynamic): Promise<readonly Candidate[]> {
  if (option.argChoices !== undefined) return option.argChoices.map((word) => ({ word }));
  if (option.long === '--ns') return (await dynamic.interfaces()).map(({ prefix, ns }) => ({ word: `${prefix}=${ns}` }));
  if (option.long === '--id') return (await dynamic.ids('')).map((word) => ({ word }));
  return [];
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function matching(all: readonly Candidate[], typed: string): readonly Candidate[] {
  return all.filter(({ word }) => word.startsWith(typed));
}
