/** The jars of a real Kafka broker, in a folder outside the project that is filled once. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const VERSION = '4.1.1';
const SETTING = process.env['MUSTERBOOK_KAFKA_CACHE'];
const CACHE = SETTING ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'musterbook-kafka');

/** Holds the jars once it is there: it appears with all of them at once. */
export const JARS = join(CACHE, `kafka_2.13-${VERSION}`);

const HOW = '`node test/support/kafka/fetch.ts` brings the jars once, with Maven; a broker needs Java 17';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>musterbook</groupId><artifactId>test-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/**
 * Downloads the jars from Maven Central, unless they are there. Two that start at once both download into a folder of their own, and
 * the one that is later finds the other's result in place.
 */
export async function fetchJars(): Promise<void> {
  if (existsSync(JARS)) return;
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'fetching-'));
  try {
    writeFileSync(join(work, 'pom.xml'), POM);
    await promisify(execFile)(
      'mvn',
      [
        '-B',
        '-q',
        '-f',
        join(work, 'pom.xml'),
        'dependency:copy-dependencies',
        `-DoutputDirectory=${join(work, 'lib')}`,
      ],
      { timeout: 300_000 },
    );
    try {
      renameSync(join(work, 'lib'), JARS);
    } catch (error) {
      if (!existsSync(JARS)) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** For a test's options: `{ skip: kafkaMissing() }`. False where a broker can be started, else the reason to skip. */
export function kafkaMissing(): string | false {
  if (!existsSync(JARS)) return `no Kafka broker in the cache: ${HOW}`;
  if (spawnSync('java', ['-version']).error) return `no Java: ${HOW}`;
  return false;
}
