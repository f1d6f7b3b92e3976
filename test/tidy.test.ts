// Holds H1 of docs/invariants.md.
/** Holds the house: who may import whom, whose name stands where, and what must not be left behind. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Import, importCycles, readSources, type SourceFile, withoutComments } from './support/sources.ts';

const FILES = readSources(['src', 'schemas', 'projections', 'test', 'bench', 'bin', 'scenarios']).filter(
  // A package of its own, with the peers that benchmarks are held against.
  ({ path }) => !path.startsWith('bench/peers/'),
);
const inside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** The house's table: a folder and what it may import beside itself. `types:` means by `import type` only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  projections: ['types:schemas'],
  'src/errors.ts': [],
  'src/clock.ts': ['schemas'],
  'src/link.ts': [],
  'src/whole-files.ts': [],
  'src/settings.ts': [],
  'src/config.ts': ['src/settings.ts'],
  'src/ledger': ['schemas'],
  'src/decide': ['schemas'],
  'src/accept': ['schemas', 'src/decide', 'src/ledger/port.ts'],
  'src/kafka': ['schemas'],
  'src/ingest': ['schemas', 'src/accept', 'src/kafka'],
  'src/egress': ['schemas', 'src/ledger/port.ts', 'src/kafka'],
  'src/project': ['schemas', 'projections', 'src/ledger/port.ts', 'src/ledger/scan.ts'],
  'src/serve': ['schemas', 'src/accept', 'src/ledger/port.ts', 'src/project/views.ts'],
  'src/cli': ['schemas', 'projections'],
  'src/web': ['types:schemas', 'projections'],
  'src/main.ts': ['schemas', 'projections', 'src'],
  test: ['schemas', 'projections', 'src', 'scenarios', 'bench'],
  bench: ['schemas', 'projections', 'src', 'test/support'],
  bin: [],
};

/** Anyone's in src. */
const ANYONES = ['src/errors.ts', 'src/clock.ts', 'src/link.ts', 'src/whole-files.ts'];

/** Imports that the table does not list, each with the reason why it stands. */
const ALLOWED_BESIDE: readonly { readonly from: string; readonly to: string; readonly reason: string }[] = [
  {
    from: 'src/project/worker.ts',
    to: 'src/ledger/sqlite/reader.ts',
    reason: 'The projector’s thread opens a reader of its own: a connection cannot be handed to a thread.',
  },
  {
    from: 'src/project/anew/worker.ts',
    to: 'src/ledger/sqlite/reader.ts',
    reason: 'As the projector’s thread.',
  },
  {
    from: 'src/project/anew/worker.ts',
    to: 'src/ledger/sqlite/scan.ts',
    reason: 'As the projector’s thread.',
  },
];

/** Whose name stands in one place only. */
const VENDORS: Readonly<Record<string, readonly string[]>> = {
  kafkajs: ['src/kafka'],
  '@eventstore/db-client': ['src/ledger/eventstoredb'],
  'node:sqlite': ['src/ledger/sqlite', 'src/project/sqlite'],
  express: ['src/serve'],
  'graphql-yoga': ['src/serve'],
  marked: ['src/serve/status'],
  commander: ['src/cli'],
  preact: ['src/web'],
  '@preact/signals': ['src/web'],
  '@urql/core': ['src/web'],
  'graphql-sse': ['src/web'],
};

const LINES_MAX = 300;
/** Files longer than that, with the length they may not exceed and why. A waiver that is no longer needed must go. */
const LONG_FILES: Readonly<Record<string, { readonly lines: number; readonly reason: string }>> = {
  'src/main.ts': {
    lines: 480,
    reason: 'The only file that imports across folders: two would have to know each other.',
  },
  'test/meaning/components.test.ts': { lines: 430, reason: 'A test a sentence of the contract.' },
  'test/meaning/incidents.test.ts': { lines: 490, reason: 'A test a sentence of the contract.' },
  'test/meaning/jobs.test.ts': { lines: 410, reason: 'A test a sentence of the contract.' },
  'test/meaning/leadership.test.ts': { lines: 590, reason: 'A test a sentence of the contract.' },
  'test/meaning/nodes.test.ts': { lines: 380, reason: 'A test a sentence of the contract.' },
  'test/outside/meaning.test.ts': { lines: 570, reason: 'A test a sentence of the contract, over one server.' },
};

function mayImport(file: SourceFile, one: Import): boolean {
  const zone = zoneOf(file.path);
  if (zone === undefined || inside(one.target, zone)) return true;
  if (inside(file.path, 'src') && !inside(file.path, 'src/web') && ANYONES.includes(one.target)) return true;
  if (ALLOWED_BESIDE.some(({ from, to }) => inside(file.path, from) && inside(one.target, to))) return true;
  return (MAY_IMPORT[zone] ?? []).some((allowed) =>
    allowed.startsWith('types:')
      ? one.typeOnly && inside(one.target, allowed.slice('types:'.length))
      : inside(one.target, allowed),
  );
}

function zoneOf(path: string): string | undefined {
  return Object.keys(MAY_IMPORT).find((zone) => inside(path, zone));
}

describe('the house', () => {
  test('every source file lives in a folder of the table', () => {
    const homeless = FILES.filter(({ path }) => zoneOf(path) === undefined && !inside(path, 'scenarios'));
    assert.deepEqual(
      homeless.map(({ path }) => path),
      [],
    );
  });

  test('imports follow the table', () => {
    const wrong = FILES.flatMap((file) =>
      file.imports
        .filter((one) => one.ours && !mayImport(file, one))
        .map((one) => `${file.path} imports ${one.typeOnly ? 'types of ' : ''}${one.target}`),
    );
    assert.deepEqual(wrong, []);
  });

  test('an exception to the table is still used', () => {
    const unused = ALLOWED_BESIDE.filter(
      ({ from, to }) =>
        !FILES.some(
          (file) => inside(file.path, from) && file.imports.some((one) => one.ours && inside(one.target, to)),
        ),
    );
    assert.deepEqual(unused, []);
  });

  test("a vendor's name stands in its own folder only", () => {
    const wrong = FILES.filter(({ path }) => !inside(path, 'test') && !inside(path, 'bench')).flatMap((file) =>
      Object.entries(VENDORS).flatMap(([vendor, homes]) =>
        file.imports.some(({ target }) => target === vendor || target.startsWith(`${vendor}/`)) &&
        !homes.some((home) => inside(file.path, home))
          ? [`${file.path} imports ${vendor}`]
          : [],
      ),
    );
    assert.deepEqual(wrong, []);
  });

  test('projections import nothing but types of schemas and each other', () => {
    const wrong = FILES.filter(({ path }) => inside(path, 'projections')).flatMap((file) =>
      file.imports.filter((one) => !one.ours).map((one) => `${file.path} imports ${one.target}`),
    );
    assert.deepEqual(wrong, []);
  });

  test('no file is a barrel: one that only passes on what others export', () => {
    const barrels = FILES.filter(({ text }) => {
      const statements = withoutComments(text)
        .replace(/export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+['"][^'"]+['"];?/g, '')
        .trim();
      return statements === '' && /\bexport\b/.test(withoutComments(text));
    });
    assert.deepEqual(
      barrels.map(({ path }) => path),
      [],
    );
  });

  test('no file imports itself by way of others when types are stripped', () => {
    assert.deepEqual(
      importCycles(FILES, (one) => one.ours && !one.typeOnly),
      [],
    );
  });

  test(`files have at most ${LINES_MAX} lines, or a waiver with its reason`, () => {
    const wrong = FILES.filter(({ path, lines }) => lines > (LONG_FILES[path]?.lines ?? LINES_MAX));
    assert.deepEqual(
      wrong.map(({ path, lines }) => `${path} has ${lines} lines`),
      [],
    );
    const idle = Object.keys(LONG_FILES).filter(
      (path) => !FILES.some((file) => file.path === path && file.lines > LINES_MAX),
    );
    assert.deepEqual(idle, [], 'waivers that are no longer needed');
  });
});

describe('leftovers', () => {
  const forbid = (pattern: RegExp, where: (path: string) => boolean, inComments = false): void => {
    const found = FILES.filter(({ path }) => where(path) && path !== 'test/tidy.test.ts').flatMap(({ path, text }) =>
      (inComments ? text : withoutComments(text))
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    );
    assert.deepEqual(found, []);
  };
  const everywhere = (): boolean => true;
  const pure = (path: string): boolean => inside(path, 'schemas') || inside(path, 'projections');

  test('no unfinished work is marked in the code', () => forbid(/\b(TODO|FIXME|XXX|HACK)\b/, everywhere, true));
  test('no test runs alone', () => forbid(/\b(test|it|describe|suite)\.only\(|\bonly: true/, everywhere));
  test('no test is skipped without a reason', () =>
    forbid(/\b(test|it|describe|suite)\.(skip|todo)\(|\b(skip|todo): true|\.skip\(\s*\)/, everywhere));
  test('src writes no console lines', () => forbid(/\bconsole\.\w+\(/, (path) => inside(path, 'src')));
  test('config.ts alone reads the environment', () =>
    forbid(/\bprocess\.env\b/, (path) => inside(path, 'src') && path !== 'src/config.ts'));
  test('schemas and projections know no clock and no chance', () =>
    forbid(/\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)|\bperformance\.now\(|\brandomUUID\(/, pure));
  test('no path of a machine stands in the code', () => forbid(/(?<![\w.])\/(home|root|work|Users)\//, everywhere));
});
