/** What `verify` found, drawn for people. */
import type { Look } from './print/format.ts';
import { moment, type Painter, plain } from './print/text.ts';
import { count } from './progress.ts';
import type { BundleVerification, SignatureVerdict } from './runtime.ts';

interface Found {
  readonly findings: readonly {
    readonly kind: string;
    readonly line?: number | null;
    readonly stream: string | null;
    readonly revision: number | null;
    readonly position?: number | null;
    readonly message: string;
  }[];
  readonly findingsOmitted: number;
}

export function drawFindings({ findings, findingsOmitted }: Found, paint: Painter): string {
  const lines = findings.map(({ kind, line, stream, revision, position, message }) => {
    const place = [named('line', line), stream, named('revision', revision), named('position', position)];
    const at = place
      .filter((part) => part !== null)
      .map(plain)
      .join(', ');
    return `  ${paint(kind, 'red')}${at === '' ? '' : ` at ${at}`}: ${plain(message)}\n`;
  });
  const more = findingsOmitted > 0 ? `  and ${count(findingsOmitted)} more\n` : '';
  return `${lines.join('')}${more}`;
}

function named(what: string, value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : `${what} ${value}`;
}

/** Whose word the checkpoint is; nothing where there is none, or where a finding says it. */
export function drawSignature(signature: SignatureVerdict | null): string {
  if (signature === null || signature.fault !== null) return '';
  if (!signature.isSigned)
    return 'The checkpoint is not signed: it is worth what the place is worth where it was kept.\n';
  const key = `The checkpoint is signed by the key ${plain(signature.keyId ?? '')}`;
  return signature.isExpectedKey ? `${key}, as expected.\n` : `${key}; whose that is was not asked (--public-key).\n`;
}

export function drawBundle(found: BundleVerification, { paint }: Look): string {
  const verdict = found.ok
    ? paint('The bundle verifies.', 'green', 'bold')
    : paint('The bundle does not verify.', 'red', 'bold');
  const findings = drawFindings(found, paint);
  if (found.incident === null) return `${verdict}\n${findings}`;
  const size = `${count(found.events)} events in ${count(found.streams.length)} streams`;
  const about = `Incident ${plain(found.incident)}, ${moment(found.from ?? '')} to ${moment(found.to ?? '')}.\n`;
  const erased = found.erased > 0 ? `${count(found.erased)} erased in their ledger.\n` : '';
  const withheld =
    found.withheld > 0 ? `${count(found.withheld)} without their data: place and envelope are proved.\n` : '';
  const streams = found.streams.map(({ stream, from, to, provedTo }) => {
    const proved =
      provedTo === null || provedTo === to ? '' : `, of which the checkpoint knows those up to ${provedTo}`;
    return `  ${plain(stream)} revisions ${from} to ${to}${proved}\n`;
  });
  return `${verdict}  ${size}.\n${about}${streams.join('')}${erased}${withheld}${findings}${originOf(found)}${drawSignature(found.signature)}`;
}

function originOf({ ok, originProved, signature }: BundleVerification): string {
  if (!ok) return '';
  if (originProved) return 'The checkpoint in it proves that all of it is of one ledger.\n';
  return signature === null
    ? 'Which ledger it is of is unproved: it holds no checkpoint (`export --incident ID --sign KEYFILE`).\n'
    : 'What was recorded after its checkpoint is linked, but not proved to be of that ledger.\n';
}
