/** The files of deploy/, read and taken apart. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

export const ROOT = join(import.meta.dirname, '..', '..');

export function deployText(name: string): string {
  return readFileSync(join(ROOT, 'deploy', name), 'utf8');
}

/** As compose and Prometheus read YAML: with `<<` merges. Throws where the file is none. */
export function deployYaml<Shape>(name: string): Shape {
  return parse(deployText(name), { merge: true }) as Shape;
}

export type Environment = Readonly<Record<string, string>>;

export interface ComposeService {
  readonly image?: string;
  readonly hostname?: string;
  readonly environment?: Environment;
  readonly secrets?: readonly string[];
  readonly configs?: readonly { readonly source: string }[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly command?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly healthcheck?: unknown;
}

export interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export function compose(): Compose {
  return deployYaml<Compose>('compose.yaml');
}

/** The services that run Musterbook. */
export function composeReplicas(): readonly (readonly [name: string, service: ComposeService])[] {
  return Object.entries(compose().services).filter(([, { image }]) => image === 'musterbook');
}

/** What the tests ask of an object of Kubernetes; each has the part that its kind has. */
export interface Manifest {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly data: Environment;
  readonly stringData: Environment;
  readonly spec: ManifestSpec;
}
type Labels = Readonly<Record<string, string>>;
interface Selector {
  readonly matchLabels: Labels;
}
export interface ManifestSpec {
  readonly replicas: number;
  readonly minAvailable: number;
  readonly serviceName: string;
  /** Of a Service labels; of other kinds a selector. */
  readonly selector: Labels & Selector;
  readonly podSelector: Selector;
  readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
  readonly clusterIP?: string;
  readonly template: {
    readonly metadata: Manifest['metadata'] & { readonly annotations: Labels };
    readonly spec: PodSpec;
  };
  readonly volumeClaimTemplates: readonly Manifest[];
  readonly ingress: readonly { readonly ports: readonly { readonly port: number | string }[] }[];
  readonly egress: readonly {
    readonly to: readonly { readonly namespaceSelector: Selector }[];
    readonly ports: readonly { readonly port: number }[];
  }[];
}
export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}
export interface PodSpec {
  readonly securityContext: { readonly runAsNonRoot: boolean; readonly runAsUser: number; readonly fsGroup: number };
  readonly volumes: readonly {
    readonly name: string;
    readonly secret?: { readonly items: readonly { key: string; path: string }[] };
  }[];
  readonly containers: readonly {
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly env: readonly {
      readonly name: string;
      readonly value?: string;
      readonly valueFrom?: {
        readonly fieldRef?: { readonly fieldPath: string };
        readonly secretKeyRef?: { readonly name: string; readonly key: string };
      };
    }[];
    readonly startupProbe: Probe;
    readonly livenessProbe: Probe;
    readonly readinessProbe: Probe;
    readonly securityContext: { readonly readOnlyRootFilesystem: boolean; readonly allowPrivilegeEscalation: boolean };
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
}

export function manifests(): readonly Manifest[] {
  return parseAllDocuments(deployText('kubernetes.yaml')).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return document.toJS() as Manifest;
  });
}

export function manifest(kind: string, name = 'musterbook'): Manifest {
  const found = manifests().find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name} in kubernetes.yaml`);
  return found;
}

/** The environment of the StatefulSet's container, as a node gives it to the process. */
export function podEnvironment(podIp: string): Environment {
  const [container] = manifest('StatefulSet').spec.template.spec.containers;
  const given: Record<string, string> = { ...manifest('ConfigMap').data };
  for (const { name, value, valueFrom } of container?.env ?? []) {
    const secret = valueFrom?.secretKeyRef;
    const kept = secret && manifest('Secret', secret.name).stringData[secret.key];
    const found = value ?? (valueFrom?.fieldRef?.fieldPath === 'status.podIP' ? podIp : kept);
    if (found === undefined) throw new Error(`${name} comes from nowhere`);
    given[name] = found;
  }
  return given;
}

export interface UnitLine {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** A systemd unit's lines. Throws at one that is neither a section, an assignment nor a comment. */
export function unitLines(text: string): readonly UnitLine[] {
  let section = '';
  return text.split('\n').flatMap((line) => {
    if (/^\s*([#;].*)?$/.test(line)) return [];
    const name = /^\[(\w+)\]$/.exec(line)?.[1];
    if (name !== undefined) {
      section = name;
      return [];
    }
    const match = /^(\w+)=(.*)$/.exec(line);
    if (match === null || section === '') throw new Error(`not a line of a unit: ${line}`);
    return [{ section, key: match[1] ?? '', value: match[2] ?? '' }];
  });
}

/** The environment that the unit's own lines give. */
export function unitEnvironment(): Environment {
  const lines = unitLines(deployText('musterbook.service')).filter(({ key }) => key === 'Environment');
  return Object.fromEntries(
    lines.map(({ value }) => {
      const at = value.indexOf('=');
      return [value.slice(0, at), value.slice(at + 1).replace('%d', '/run/credentials/musterbook.service')];
    }),
  );
}
