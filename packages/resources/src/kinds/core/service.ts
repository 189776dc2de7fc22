/**
 * Service: a stable name for an address. On a laptop mostly of type ExternalName; all fields of Kubernetes are
 * accepted, those about cluster networks are carried and not judged.
 */
import { z } from 'zod';
import { COLUMNS, defineKind, specOf, typeShape } from '../../define-kind.ts';
import { FieldErrors } from '../../field-errors.ts';
import type { NameRule } from '../../metadata.ts';
import { isDnsSubdomain, isServiceName } from '../../names.ts';
import { coreConditionSchema } from './conditions.ts';
import { mergingList, withServerDefault } from './merging-list.ts';

const PORT_MAX = 65_535;

const portSchema = z.strictObject({
  name: z.string().exactOptional(),
  port: z.int().min(1).max(PORT_MAX),
  protocol: withServerDefault(z.enum(['TCP', 'UDP', 'SCTP']), 'TCP').exactOptional(),
  targetPort: z.union([z.int(), z.string()]).exactOptional(),
  nodePort: z.int().exactOptional(),
  appProtocol: z.string().exactOptional(),
});

const serviceSpecSchema = z.strictObject({
  type: z.enum(['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']).exactOptional(),
  externalName: z.string().exactOptional().describe('Host name that an ExternalName stands for.'),
  ports: mergingList(portSchema, { keys: ['port', 'protocol'] }).exactOptional(),
  selector: z
    .record(z.string(), z.string())
    .meta({ 'x-kubernetes-map-type': 'atomic' })
    .exactOptional(),
  clusterIP: z.string().exactOptional(),
  clusterIPs: z.array(z.string()).exactOptional(),
  externalIPs: z.array(z.string()).exactOptional(),
  externalTrafficPolicy: z.string().exactOptional(),
  internalTrafficPolicy: z.string().exactOptional(),
  trafficDistribution: z.string().exactOptional(),
  healthCheckNodePort: z.int().exactOptional(),
  ipFamilies: z.array(z.string()).exactOptional(),
  ipFamilyPolicy: z.string().exactOptional(),
  allocateLoadBalancerNodePorts: z.boolean().exactOptional(),
  loadBalancerClass: z.string().exactOptional(),
  loadBalancerIP: z.string().exactOptional(),
  loadBalancerSourceRanges: z.array(z.string()).exactOptional(),
  publishNotReadyAddresses: z.boolean().exactOptional(),
  sessionAffinity: z.enum(['None', 'ClientIP']).exactOptional(),
  sessionAffinityConfig: z
    .strictObject({
      clientIP: z.strictObject({ timeoutSeconds: z.int().exactOptional() }).exactOptional(),
    })
    .exactOptional(),
});

const ingressSchema = z.strictObject({
  ip: z.string().exactOptional(),
  hostname: z.string().exactOptional(),
  ipMode: z.string().exactOptional(),
  ports: z
    .array(
      z.strictObject({ port: z.int(), protocol: z.string(), error: z.string().exactOptional() }),
    )
    .exactOptional(),
});

const serviceStatusSchema = z.strictObject({
  loadBalancer: z.strictObject({ ingress: z.array(ingressSchema).exactOptional() }).exactOptional(),
  conditions: mergingList(coreConditionSchema, { keys: ['type'] }).exactOptional(),
});

const serviceSchema = z.strictObject({
  ...typeShape('v1', 'Service'),
  spec: specOf(serviceSpecSchema),
  status: serviceStatusSchema.exactOptional(),
});

/** `spec` of a Service. */
export type ServiceSpec = z.infer<typeof serviceSpecSchema>;
/** A Service. */
export type Service = z.infer<typeof serviceSchema>;

const SERVICE_NAME: NameRule = {
  isValid: isServiceName,
  expected:
    "expected a DNS-1035 label: lower-case letters, digits and '-', a letter first, at most 63 characters",
};

function fillDefaults({ spec }: Service): void {
  spec.type ??= 'ClusterIP';
  spec.sessionAffinity ??= 'None';
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP';
    // Typed clients send what is not set as 0.
    if ((port.targetPort ?? 0) === 0 || port.targetPort === '') port.targetPort = port.port;
  }
}

function checkPorts({ ports = [] }: ServiceSpec, errors: FieldErrors): void {
  const names = new Set<string>();
  for (const [index, { name = '' }] of ports.entries()) {
    const path = `spec.ports[${String(index)}].name`;
    if (ports.length > 1 && name === '') errors.missing(path);
    if (name !== '' && names.has(name)) {
      errors.invalidValue(name, path, 'expected a different name for every port');
    }
    names.add(name);
  }
}

function validate({ spec }: Service): FieldErrors {
  const errors = new FieldErrors();
  checkPorts(spec, errors);
  const { type, externalName = '', clusterIP, ports = [] } = spec;
  if (type === 'ExternalName') {
    if (externalName === '') errors.missing('spec.externalName');
    // A trailing dot only says that the name is complete.
    else if (!isDnsSubdomain(externalName.toLowerCase().replace(/\.$/, ''))) {
      errors.invalidValue(externalName, 'spec.externalName', 'expected a host name');
    }
  } else if (ports.length === 0 && clusterIP !== 'None') errors.missing('spec.ports');
  return errors;
}

/** v1 Service. */
export const serviceKind = defineKind<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  schema: serviceSchema,
  shortNames: ['svc'],
  categories: ['all'],
  isBuiltin: true,
  hasMergingLists: true,
  selectableFields: ['spec.clusterIP', 'spec.type'],
  nameRule: SERVICE_NAME,
  printerColumns: [
    { name: 'Type', type: 'string', jsonPath: '.spec.type' },
    { name: 'Cluster-IP', type: 'string', jsonPath: '.spec.clusterIP' },
    { name: 'External-IP', type: 'string', jsonPath: '.spec.externalName' },
    { name: 'Port(s)', type: 'string', jsonPath: '.spec.ports[*].port' },
    COLUMNS.age,
  ],
  fillDefaults,
  validate,
});
