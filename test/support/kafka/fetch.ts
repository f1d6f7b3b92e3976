/** Brings the jars of the broker that the Kafka tests run on: `node test/support/kafka/fetch.ts`. Needs Maven and the network, once. */
import { fetchJars, JARS } from './jars.ts';

await fetchJars();
process.stdout.write(`The jars of the Kafka broker are in ${JARS}.\n`);
