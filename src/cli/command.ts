/** How a command is declared: its words in help, its settings, and what it does. */
import { Argument, Command, Option } from 'commander';
import { DATA_ABOUT, SETTING_NAMES, SETTINGS, type SettingName } from './config/settings.js';
import { UsageError } from './exit-code.js';
import { type Session, sessionOf } from './session.js';
import type { Terminal } from './terminal.js';

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** said below the summary in the command's own help */
  readonly description?: string;
  readonly arguments?: readonly { readonly form: string; readonly about: string; readonly choices?: readonly string[] }[];
  readonly options?: readonly (readonly [flags: string, about: string, more?: OptionMore])[];
  /** what one may type, and what that does */
  readonly examples: readonly (readonly [line: string, about: string])[];
  run(session: Session, args: readonly (string | readonly string[])[], options: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface OptionMore {
  readonly choices?: readonly string[];
  readonly repeatable?: boolean;
}

export function declare(terminal: Terminal, spec: CommandSpec): Command {
  const command = new Command(spec.name).summary(spec.summary).description([spec.summary, spec.description].filter(Boolean).join('.\n\n'));
  for (const { form, about, choices } of spec.arguments ?? []) {
    const argument = new Argument(form, about);
    command.addArgument(choices === undefined ? argument : argument.choices(choices));
  }
  for (const [flags, about, more] of spec.options ?? []) command.addOption(optionOf(flags, about, more));
  for (const name of SETTING_NAMES) if (isOf(name, spec.name)) command.addOption(settingOption(name));
  if (isOf('store', spec.name)) command.addOption(new Option('--data <DIR>', DATA_ABOUT));
  const width = Math.max(...spec.examples.map(([line]) => line.length));
  const examples = spec.examples.map(([line, about]) => (width > 60 ? `  # ${about}\n  ${line}` : `  ${line.padEnd(width)}   ${about}`));
  command.addHelpText('after', `\nExamples:\n${examples.join('\n')}`);
  command.action(async (...given: unknown[]) => {
    const options = command.opts();
    const args = given.slice(0, -2).filter((value) => value !== undefined) as (string | readonly string[])[];
    await spec.run(sessionOf(terminal, command), args, options);
  });
  return command;
}

/** Settings of all commands stand on the program; these on the commands that heed them. */
function isOf(name: SettingName, command: string): boolean {
  return ((SETTINGS[name] as { of?: readonly string[] }).of ?? []).includes(command);
}

export function settingOption(name: SettingName): Option {
  const { about, value, fallback } = SETTINGS[name] as { about: string; value?: string; fallback?: unknown };
  const said = fallback === undefined || typeof fallback === 'boolean' ? about : `${about} (default: ${String(fallback)})`;
  const short = name === 'output' ? '-o, ' : name === 'quiet' ? '-q, ' : '';
  const option = new Option(`${short}--${name}${value === undefined ? '' : ` <${value}>`}`, said);
  const choices = choicesOf(name);
  return choices === undefined ? option : option.choices(choices);
}

function choicesOf(name: SettingName): readonly string[] | undefined {
  const read = SETTINGS[name].read as { readonly options?: readonly unknown[] };
  return read.options?.every((choice) => typeof choice === 'string') === true ? (read.options as readonly string[]) : undefined;
}

function optionOf(flags: string, about: string, { choices, repeatable }: OptionMore = {}): Option {
  const option = new Option(flags, about);
  if (choices !== undefined) option.choices(choices);
  if (repeatable === true) option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  return option;
}

/** A whole number given as an option's value. */
export function wholeOption(options: Readonly<Record<string, unknown>>, name: string, least = 0): number | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(String(text)) || Number(text) < least)
    throw new UsageError(`--${name} must be a whole number from ${least}, not "${String(text)}"`);
  return Number(text);
}
