/** `musterbook cluster diff`, as a person types it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { readMoments } from '../../src/cli/diff-moments.ts';
import { type CommandResult, runMusterbook } from '../support/server.ts';

const ID = 'spreedly-orchestration';
const SCENARIO = new URL('../../scenarios/spreedly-2022-12-13.jsonl', import.meta.url).pathname;
const at = (time: string) => `2022-12-13T${time}:00Z`;

describe('a comparison', () => {
  let data: string;
  before(async () => {
    data = mkdtempSync(join(tmpdir(), 'musterbook-'));
    const { exit, stderr } = await runMusterbook(['import', '--restore', SCENARIO], { env: { MUSTERBOOK_DATA: data } });
    assert.equal(exit, 0, stderr);
  });
  after(() => rmSync(data, { recursive: true, force: true }));
  const diff = (...args: string[]): Promise<CommandResult> =>
    runMusterbook(['cluster', 'diff', ID, ...args], { env: { MUSTERBOOK_DATA: data } });
  const shown = async (...args: string[]): Promise<string> => {
    const { exit, stdout, stderr } = await diff(...args);
    assert.equal(exit, 0, stderr);
    return stdout;
  };
  const evening = ['--from', at('19:40'), '--to', at('20:13')];

  test('says what differs and because of which event', async () => {
    const text = await shown(...evening);
    assert.match(text, /^ {2}from {2}at 2022-12-13 19:40:00Z/m);
    assert.match(text, /^FOLLOWINGS \(5\)$/m);
    assert.match(text, /^ {2}orch-6 +orch-1 \(term 7\) +nobody +FollowerDetached 2022-12-13 19:50:10Z #45$/m);
    assert.match(
      text,
      /^ {2}changed +reports-1 +RUNNING on orch-6 +ASSIGNED on orch-2 +JobAssigned .* #53 and 1 before$/m,
    );
    assert.match(await shown(...evening, '-o', 'wide'), /JobUnassigned 2022-12-13 20:10:20Z #52, JobAssigned .* #53$/m);
  });

  test('prints the same in JSON, JSON lines and YAML, and names for scripts', async () => {
    const json: unknown = JSON.parse(await shown(...evening, '-o', 'json'));
    assert.deepEqual(JSON.parse(await shown(...evening, '-o', 'jsonl')), json);
    assert.deepEqual(parseYaml(await shown(...evening, '-o', 'yaml')), json);
    const { followings } = json as { followings: { id: string; causes: { id: string }[] }[] };
    assert.deepEqual(
      followings[0]?.causes.map(({ id }) => id),
      ['orch-2-follows-no-more'],
    );
    const names = (await shown(...evening, '-o', 'name')).trimEnd().split('\n');
    assert.deepEqual([names.length, names[0], names.at(-1)], [17, 'node/orch-2', 'job/webhooks-2']);
  });

  test('takes positions, what was known, both, and the present where nothing is said', async () => {
    const names = async (...args: string[]) => (await shown(...args, '-o', 'name')).split('\n').filter(Boolean);
    assert.deepEqual(await names('--from', '45', '--to', '#46'), ['node/orch-5', 'following/orch-5']);
    assert.deepEqual(await names('--from-known-at', at('19:51'), '--to-known-at', at('19:56')), [
      'node/orch-5',
      'following/orch-5',
    ]);
    assert.deepEqual(await names('--from', at('19:51'), '--to', at('19:56'), '--known-at', at('19:52')), []);
    assert.deepEqual(await names('--from', at('20:28')), []);
    const back = JSON.parse(await shown('--from', '46', '--to', '45', '-o', 'json'));
    assert.deepEqual([back.followings[0].from, back.followings[0].to], [null, { id: 'orch-1' }]);
  });

  test('--exit-code is 7 where there is a difference, and says how many', async () => {
    const different = await diff(...evening, '--exit-code', '-o', 'name');
    assert.deepEqual([different.exit, different.stderr], [7, 'DIFFERENT: 17 differences\n']);
    assert.equal(different.stdout.split('\n').length, 18);
    const same = await diff('--from', at('20:28'), '--exit-code');
    assert.deepEqual([same.exit, same.stderr], [0, '']);
    assert.match(same.stdout, /^no difference$/m);
  });

  test('refuses what it cannot compare, and says what to do', async () => {
    const cases: readonly (readonly [number, RegExp, readonly string[]])[] = [
      [2, /USAGE: say which moment to compare from: --from/, []],
      [2, /USAGE: say which moment/, ['--known-at', at('20:00')]],
      [2, /--from yesterday: expected a time such as .* or a position/, ['--from', 'yesterday']],
      [2, /--to 2022-12-13T20:14:00: expected a time with its zone/, ['--from', '1', '--to', '2022-12-13T20:14:00']],
      [2, /--to-known-at 12: expected a time/, ['--from', '1', '--to-known-at', '12']],
      [2, /--from 1 is a position[\s\S]*Leave --known-at out/, ['--from', '1', '--known-at', at('20:00')]],
      [2, /MOMENT_IN_FUTURE: position 89 .* the ledger ends at 88/, ['--from', '1', '--to', '89']],
    ];
    for (const [exit, said, args] of cases) {
      const refused = await diff(...args);
      assert.deepEqual([refused.exit, refused.stdout], [exit, ''], args.join(' '));
      assert.match(refused.stderr, said);
    }
    const unknown = await runMusterbook(['cluster', 'diff', 'nowhere', '--from', '1'], {
      env: { MUSTERBOOK_DATA: data },
    });
    assert.equal(unknown.exit, 3);
    assert.match(unknown.stderr, /UNKNOWN_CLUSTER: there is no cluster "nowhere"/);
  });
});

test('a time with what was known is both at once, each side with its own', () => {
  const [first, second] = ['2022-12-13T20:00:00.000Z', '2022-12-13T21:00:00.000Z'];
  assert.deepEqual(readMoments({ from: first, to: first, knownAt: second, toKnownAt: first }), {
    from: { bitemporal: { happenedAt: first, knownAt: second } },
    to: { bitemporal: { happenedAt: first, knownAt: first } },
  });
  assert.deepEqual(readMoments({ from: first, knownAt: second }).to, { knownAt: second });
});
