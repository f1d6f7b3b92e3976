import { after, before } from 'node:test';
import { EventStoreServer } from '../support/eventstoredb/server.ts';
import { conforms } from './eventstoredb/conforming.ts';

const server = new EventStoreServer();
before(() => server.start());
after(() => server.stop());
conforms('eventstoredb, a server for tests', async () => server.connectionString);

const real = process.env['MUSTERBOOK_TEST_ESDB'];
// Registered only where there is one: a test that is skipped looks like one that was run.
if (real) conforms('eventstoredb, the server that MUSTERBOOK_TEST_ESDB names', async () => real);
