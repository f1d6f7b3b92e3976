/**
 * The only reader of the environment. Every setting has one name in four places (flag > environment > file > default);
 * all that is wrong is listed at once, with what was expected.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import {
  type Config,
  conflicts,
  LATER,
  SECRET,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
} from './settings.ts';

export interface ConfigFault {
  /** As the reader wrote it: `MUSTERBOOK_PORT`, `--port`, or `port in musterbook.yaml`. */
  readonly setting: string;
  readonly value: string;
  readonly expected: string;
}

/** Settings that cannot be used: the process lists them all and exits 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly ConfigFault[];
  constructor(faults: readonly ConfigFault[]) {
    super(
      faults
        .map(({ setting, value, expected }) => `${setting} is ${JSON.stringify(value)}: expected ${expected}`)
        .join('\n'),
    );
    this.faults = faults;
  }
}

/** Flags by setting (`publicUrl` for `--public-url`); undefined where not given. */
export type Flags = Readonly<Partial<Record<SettingName, string>>> & { readonly config?: string };

export interface ConfigSources {
  readonly flags?: Flags;
  /** Default: the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What relative paths are relative to. Default: the working folder. */
  readonly folder?: string;
  /** Whether a server will be started: then host and tokens must fit each other. */
  readonly serving?: boolean;
}

/** Stands for a value that may be, or hold, a secret. */
const HIDDEN = '(not shown)';

interface Given {
  readonly text: string;
  readonly setting: string;
}

/** Reads the settings. Throws `ConfigError` with everything that is wrong. */
export function readConfig(sources: ConfigSources = {}): Config {
  const { flags = {}, env = process.env, folder = process.cwd() } = sources;
  const faults: ConfigFault[] = [];
  const file = readFile(flags.config ?? nonEmpty(env['MUSTERBOOK_CONFIG']), folder, faults);
  const find = (name: SettingName): Given | null => given(name, { flags, env, file });
  const values = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]) => {
      const found = find(name as keyof Config);
      return [
        name,
        readSetting(setting as Setting<unknown>, found, { folder, faults, isSecret: SECRET.has(name as keyof Config) }),
      ];
    }),
  ) as unknown as Config;
  for (const [name, expected] of Object.entries(LATER)) {
    const found = find(name as keyof typeof LATER);
    if (found) faults.push({ setting: found.setting, value: found.text, expected });
  }
  for (const { name, expected } of conflicts(values, (each) => find(each) !== null)) {
    const found = find(name);
    if (!found || faults.some(({ setting }) => setting === found.setting)) continue;
    faults.push({ setting: found.setting, value: SECRET.has(name) ? HIDDEN : found.text, expected });
  }
  if (sources.serving && values.tokens === null && !faults.some((fault) => fault.setting === find('host')?.setting)) {
    if (!isLoopback(values.host)) faults.push(openHostFault(values.host, find('host')));
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return { ...values, data: resolve(folder, values.data) };
}

/** Whether a terminal may be written to in colours: not where `NO_COLOR` is set (no-color.org), nor on a dumb one. */
export function wantsColor(env: ConfigSources['env'] = process.env): boolean {
  return nonEmpty(env['NO_COLOR']) === undefined && env['TERM'] !== 'dumb';
}

/** The environment's name of a setting: `publicUrl` is `MUSTERBOOK_PUBLIC_URL`. */
function environmentName(name: SettingName): string {
  return `MUSTERBOOK_${snake(name).toUpperCase()}`;
}

/** Whether only this machine can reach a listener on this host. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIP(bare) === 4) return bare.startsWith('127.');
  return bare === '::1' || bare === 'localhost' || bare.endsWith('.localhost');
}

function openHostFault(host: string, found: Given | null): ConfigFault {
  return {
    setting: found?.setting ?? environmentName('host'),
    value: host,
    expected: `a loopback address while ${environmentName('tokens')} is unset: without tokens anyone who reaches this host could read and write`,
  };
}

function readSetting<Value>(
  setting: Setting<Value>,
  found: Given | null,
  { folder, faults, isSecret }: { readonly folder: string; readonly faults: ConfigFault[]; readonly isSecret: boolean },
): Value {
  if (!found) return setting.fallback;
  const value = setting.read(found.text, folder);
  if (value !== undefined) return value;
  faults.push({ setting: found.setting, value: isSecret ? HIDDEN : found.text, expected: setting.expected });
  return setting.fallback;
}

interface Places {
  readonly flags: Flags;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file: { readonly path: string; readonly values: ReadonlyMap<string, string> } | null;
}

function given(name: SettingName, { flags, env, file }: Places): Given | null {
  const flag = flags[name];
  if (flag !== undefined) return { text: flag, setting: `--${snake(name).replaceAll('_', '-')}` };
  const fromEnv = nonEmpty(env[environmentName(name)]);
  if (fromEnv !== undefined) return { text: fromEnv, setting: environmentName(name) };
  const fromFile = file?.values.get(name);
  return file && fromFile !== undefined ? { text: fromFile, setting: `${name} in ${file.path}` } : null;
}

/** Reads a JSON or YAML file (JSON is YAML): a flat object of settings by name, such as `publicUrl: https://…`. */
function readFile(path: string | undefined, folder: string, faults: ConfigFault[]): Places['file'] {
  if (path === undefined) return null;
  let content: unknown;
  try {
    content = parseYaml(readFileSync(resolve(folder, path), 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    faults.push({ setting: '--config', value: path, expected: `a readable JSON or YAML file (${reason})` });
    return null;
  }
  if (content === null || content === undefined) return { path, values: new Map() };
  if (typeof content !== 'object' || Array.isArray(content)) {
    faults.push({ setting: '--config', value: path, expected: 'an object of settings, such as `port: 4000`' });
    return null;
  }
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(content)) {
    const setting = `${key} in ${path}`;
    if (!SETTING_NAMES.includes(key as SettingName)) {
      faults.push({ setting, value: String(value), expected: `one of the settings ${SETTING_NAMES.join(', ')}` });
    } else if (value !== null && !['string', 'number', 'boolean'].includes(typeof value)) {
      faults.push({ setting, value: JSON.stringify(value), expected: 'a text, a number, true or false' });
    } else if (value !== null && value !== '') values.set(key, String(value));
  }
  return { path, values };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
