/** What `musterbook status` and a start say of connections that do not work. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventStoreFor } from '../support/eventstoredb/server.ts';
import { runMusterbook, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../support/until.ts';

describe('connections in the terminal', () => {
  test('brokers that cannot be reached are told with what to look at, and the server serves', async (context) => {
    const server = await startServer({ config: { store: 'memory', kafkaBrokers: ['127.0.0.1:1'] } });
    context.after(() => server.close());
    const env = { MUSTERBOOK_URL: server.url };
    const shown = await until('the link tells of it', async () => {
      const { exit, stdout } = await runMusterbook(['status'], { env });
      assert.equal(exit, 0);
      return stdout.includes('KAFKA_UNREACHABLE') ? stdout : null;
    });
    assert.match(shown, /^kafka-in +(CONNECTING|RETRYING) /m);
  });

  test('commands without a server say that the store cannot be reached, and exit 6', async (context) => {
    const store = await eventStoreFor(context);
    const url = store.connectionString;
    await store.stop();
    const env = { MUSTERBOOK_DATA: temporaryFolder(context), MUSTERBOOK_STORE: url };
    const { exit, stderr } = await runMusterbook(['cluster', 'ls'], { env });
    assert.equal(exit, 6, stderr);
    assert.match(stderr, /STORE_UNREACHABLE/);
  });

  test('verify reads the record itself and finds what was changed behind our back', async (context) => {
    const store = await eventStoreFor(context);
    const env = { MUSTERBOOK_DATA: temporaryFolder(context), MUSTERBOOK_STORE: store.connectionString };
    const line = { specversion: '1.0', id: '1', source: '/t', type: 'NodeJoined', subject: 'c', data: { nodeId: 'n' } };
    const imported = await runMusterbook(['import', '-'], { env, input: `${JSON.stringify(line)}\n` });
    assert.equal(imported.exit, 0, imported.stderr);
    assert.equal((await runMusterbook(['verify'], { env })).exit, 0);
    const event = store.store.log.find(({ stream }) => stream === 'musterbook.cluster-c');
    assert.ok(event);
    store.store.tamper(event.position, { data: Buffer.from('{"nodeId":"forged"}') });
    const { exit, stderr } = await runMusterbook(['verify'], { env });
    assert.equal(exit, 7, stderr);
    assert.match(stderr, /CHAIN_BROKEN/);
    // The copy that was made before knows nothing of it: that is why it proves nothing.
    assert.equal((await runMusterbook(['cluster', 'get', 'c'], { env })).exit, 0);
  });

  test('a connection string that cannot be read is a wrong setting, and shows no password', async (context) => {
    const env = { MUSTERBOOK_DATA: temporaryFolder(context), MUSTERBOOK_STORE: 'esdb://bob:hush@db:port?tls=maybe' };
    const { exit, stderr } = await runMusterbook(['cluster', 'ls'], { env });
    assert.equal(exit, 2, stderr);
    assert.match(stderr, /MUSTERBOOK_STORE/);
    assert.doesNotMatch(stderr, /hush/);
  });
});
