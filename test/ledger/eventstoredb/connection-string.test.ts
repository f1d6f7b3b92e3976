import { deepEqual, doesNotMatch, equal, match, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { readStoreAddress } from '../../../src/ledger/eventstoredb/connection-string.ts';

test('hosts and ports are shown, user name and password are not', () => {
  equal(readStoreAddress('esdb://ada:hunter2@db:2113').shown, 'esdb://db:2113');
  equal(readStoreAddress('esdb+discover://ada:hunter2@cluster').shown, 'esdb+discover://cluster:2113');
  equal(readStoreAddress('esdb://a:1,b:2?tls=false').shown, 'esdb://a:1,b:2');
});

test('tls=false drops credentials, which is said', () => {
  const { warnings } = readStoreAddress('esdb://ada:hunter2@db:2113?tls=false');
  equal(warnings.length, 1);
  match(warnings.join(), /not sent/);
  deepEqual(readStoreAddress('esdb://db:2113?tls=false').warnings, []);
  deepEqual(readStoreAddress('esdb://ada:hunter2@db:2113').warnings, []);
});

test('a string that cannot be read is refused with what was expected, and without any secret', (context) => {
  const warned = context.mock.method(console, 'warn', () => {});
  const bad: readonly (readonly [string, RegExp])[] = [
    ['esdb://ada:hunter2@', /expected host/],
    ['esdb://ada:hunter2@db:2113:1', /expected/],
    ['esdb://ada:hunter2@db:x', /port number/],
    ['esdb://ada:hunt#er2@db/?', /./],
    ['esdb://ada:hunter2@db?tls=hunter2', /true or false/],
    ['esdb://ada:hunter2@db?hunter2=1', /expected options among/],
    ['esdb://ada:hunter2@db?tlsVerifyCert=false', /tlsCAFile/],
    ['http://ada:hunter2@db', /esdb:/],
  ];
  for (const [url, expected] of bad) {
    throws(
      () => readStoreAddress(url),
      (failure: Error & { code?: string }) => {
        equal(failure.code, 'BAD_REQUEST', url);
        match(failure.message, expected);
        doesNotMatch(`${failure.message}${failure.stack}${JSON.stringify(failure)}`, /hunt/);
        equal(failure.cause, undefined);
        return true;
      },
    );
  }
  equal(warned.mock.callCount(), 0, 'the client prints the whole string where it warns');
});

test('throwOnAppendFailure=false makes a conflict look like a success: it is refused', () => {
  throws(() => readStoreAddress('esdb://db?throwOnAppendFailure=false'), /look like successes/);
});
