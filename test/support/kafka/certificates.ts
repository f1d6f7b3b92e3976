/** Certificates for TLS listeners, made by openssl when they are needed: nothing secret lies in the project. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface Certificates {
  /** Who signed the others. */
  readonly ca: string;
  /** The broker's key and certificate in one file, as Kafka reads them. For 127.0.0.1 and localhost. */
  readonly broker: string;
  /** A client's own. */
  readonly clientCert: string;
  readonly clientKey: string;
}

/** Makes them in a folder that is there. */
export function makeCertificates(folder: string): Certificates {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): unknown =>
    execFileSync('openssl', args, { stdio: 'pipe', timeout: 30_000 });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=Test CA', '-keyout', at('ca.key'), '-out', at('ca.pem'));
  for (const name of ['broker', 'client']) {
    openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`));
    writeFileSync(at(`${name}.ext`), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    openssl(
      ...['x509', '-req', '-days', '2', '-in', at(`${name}.csr`), '-CA', at('ca.pem'), '-CAkey', at('ca.key')],
      ...['-CAcreateserial', '-extfile', at(`${name}.ext`), '-out', at(`${name}.pem`)],
    );
  }
  copyFileSync(at('broker.key'), at('broker-with-key.pem'));
  appendFileSync(at('broker-with-key.pem'), readFileSync(at('broker.pem')));
  return {
    ca: at('ca.pem'),
    broker: at('broker-with-key.pem'),
    clientCert: at('client.pem'),
    clientKey: at('client.key'),
  };
}
