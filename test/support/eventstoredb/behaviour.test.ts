/**
 * Puts the test server to what we rely on, and, when MUSTERBOOK_TEST_ESDB names a real EventStoreDB or KurrentDB, that one too: what
 * passes with both is what the test server may stand for.
 */
import { behaviour } from './behaviour.ts';
import { eventStoreFor } from './server.ts';

behaviour('the test server', async (t) => (await eventStoreFor(t)).connectionString);

const real = process.env['MUSTERBOOK_TEST_ESDB'];
if (real !== undefined && real !== '') behaviour('the real server', async () => real);
