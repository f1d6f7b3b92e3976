/** States of incidents as chips. */
import { Chip, type Tone } from '../ui/chip.tsx';
import { None } from '../ui/none.tsx';

const STATUSES: Readonly<Record<string, Tone>> = {
  investigating: 'bad',
  identified: 'warn',
  monitoring: 'warn',
  resolved: 'ok',
};
const IMPACTS: Readonly<Record<string, Tone>> = { critical: 'bad', major: 'bad', minor: 'warn' };

export function StatusChip({ status }: { readonly status: string | null }) {
  if (status === null) return <None />;
  return <Chip tone={STATUSES[status] ?? 'plain'}>{status}</Chip>;
}

export function ImpactChip({ impact }: { readonly impact: string | null }) {
  if (impact === null) return <None />;
  return <Chip tone={IMPACTS[impact] ?? 'plain'}>{impact} impact</Chip>;
}
