/**
 * Does a Dockerfile's steps as processes of this machine, each stage in a folder that stands for its file system. It knows
 * the instructions that ours has, and throws at any other: then it has to learn it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from './files.ts';

export interface Step {
  readonly instruction: string;
  readonly rest: string;
}
export interface Stage {
  readonly image: string;
  readonly name: string;
  readonly steps: readonly Step[];
}

export function stagesOf(text: string): readonly Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { image: string; name: string; steps: Step[] }[] = [];
  for (const line of lines) {
    const [instruction = '', rest = ''] = line.split(/\s+(.*)/s);
    if (instruction === 'FROM') {
      const [image = '', , name] = rest.split(/\s+/);
      stages.push({ image, name: name ?? String(stages.length), steps: [] });
    } else stages.at(-1)?.steps.push({ instruction, rest: rest.trim() });
  }
  return stages;
}

/** Of the last line that names a path, or a folder it is in: whether .dockerignore keeps it out of the context. */
export function isIgnored(path: string, patterns: string): boolean {
  let ignored = false;
  for (const line of patterns.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
    const isBack = line.startsWith('!');
    const pattern = isBack ? line.slice(1) : line;
    if (pattern === '**' || path === pattern || path.startsWith(`${pattern}/`)) ignored = !isBack;
  }
  return ignored;
}

export interface BuiltStage {
  readonly root: string;
  /** The folder in `root` that stands for the working folder. */
  readonly work: string;
  readonly environment: Readonly<Record<string, string>>;
  /** By instruction, the last one's words: of ENTRYPOINT, CMD, HEALTHCHECK, USER, EXPOSE, VOLUME. */
  readonly says: ReadonlyMap<string, string>;
}

/** Builds all stages under `folder`; gives the last one. */
export function buildStages(stages: readonly Stage[], folder: string): BuiltStage {
  const built = new Map<string, BuiltStage>();
  let last: BuiltStage | undefined;
  for (const stage of stages) {
    last = buildStage(stage, join(folder, stage.name), built);
    built.set(stage.name, last);
  }
  if (last === undefined) throw new Error('a Dockerfile without a stage');
  return last;
}

function buildStage(stage: Stage, root: string, others: ReadonlyMap<string, BuiltStage>): BuiltStage {
  let work = root;
  const environment: Record<string, string> = {};
  const says = new Map<string, string>();
  for (const { instruction, rest } of stage.steps) {
    if (instruction === 'WORKDIR') {
      work = join(root, rest);
      mkdirSync(work, { recursive: true });
    } else if (instruction === 'COPY') copy(rest, work, others);
    else if (instruction === 'RUN') run(rest, root, work);
    else if (instruction === 'ENV') {
      for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=(\S+)/g)) environment[name] = value;
    } else if (['ENTRYPOINT', 'CMD', 'HEALTHCHECK', 'USER', 'EXPOSE', 'VOLUME', 'STOPSIGNAL'].includes(instruction)) {
      says.set(instruction, rest);
    } else throw new Error(`an instruction that is not known here: ${instruction}`);
  }
  return { root, work, environment, says };
}

function copy(rest: string, work: string, others: ReadonlyMap<string, BuiltStage>): void {
  const words = rest.split(/\s+/);
  const from = /^--from=(.+)$/.exec(words[0] ?? '')?.[1];
  const [to = '', ...sources] = (from === undefined ? words : words.slice(1)).reverse();
  const ignore = readFileSync(join(ROOT, '.dockerignore'), 'utf8');
  for (const source of sources) {
    const origin = from === undefined ? join(ROOT, source) : join(others.get(from)?.root ?? '', source);
    if (!existsSync(origin)) throw new Error(`COPY ${source}: it is not there`);
    const target = to.endsWith('/') ? join(work, to, source) : join(work, to);
    mkdirSync(dirname(target), { recursive: true });
    const filter = (path: string): boolean => from !== undefined || !isIgnored(relative(ROOT, path), ignore);
    if (!filter(origin)) throw new Error(`COPY ${source}: .dockerignore keeps it out`);
    cpSync(origin, target, { recursive: true, filter, verbatimSymlinks: true });
  }
}

function run(command: string, root: string, work: string): void {
  const modules = join(work, 'node_modules');
  if (command.startsWith('npm ci ')) symlinkSync(join(ROOT, 'node_modules'), modules);
  else if (command.startsWith('npm prune --omit=dev ')) {
    rmSync(modules);
    linkProduction(modules);
  } else if (command.startsWith('node ')) {
    const { status, stderr, stdout } = spawnSync(process.execPath, command.split(' ').slice(1), {
      cwd: work,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${command}: ${stdout}${stderr}`);
  } else if (command.startsWith('install -d ')) mkdirSync(join(root, command.split(' ').at(-1) ?? ''));
  else throw new Error(`a command that is not known here: ${command}`);
}

/** What `npm prune --omit=dev` leaves, by the lock file: our own code then finds nothing else. */
function linkProduction(modules: string): void {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  for (const [path, { dev, devOptional }] of Object.entries(lock.packages)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
    if (name === undefined || dev || devOptional) continue;
    const origin = join(ROOT, 'node_modules', name);
    // A package for another platform is named by the lock file and not installed.
    if (lstatSync(origin, { throwIfNoEntry: false }) === undefined) continue;
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(origin, join(modules, name));
  }
}
