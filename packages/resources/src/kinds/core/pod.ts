/**
 * Pod: a running program. Users read Pods here and rarely write them, so that the schema names what tables show
 * and what lists merge by, and takes everything else as it is.
 */
import { z } from 'zod';
import { COLUMNS, defineKind, typeShape } from '../../define-kind.ts';
import { mergingList, withServerDefault } from './merging-list.ts';

const named = z.looseObject({ name: z.string() });
const BY_NAME = { keys: ['name'] } as const;

const containerSchema = z.looseObject({
  name: z.string().describe('Name in the Pod.'),
  image: z.string().exactOptional().describe('What runs.'),
  command: z.array(z.string()).exactOptional(),
  args: z.array(z.string()).exactOptional(),
  workingDir: z.string().exactOptional(),
  ports: mergingList(
    z.looseObject({
      name: z.string().exactOptional(),
      containerPort: z.int().min(1).max(65_535),
      protocol: withServerDefault(z.string(), 'TCP').exactOptional(),
    }),
    { keys: ['containerPort', 'protocol'] },
  ).exactOptional(),
  env: mergingList(
    z.looseObject({ name: z.string(), value: z.string().exactOptional() }),
    BY_NAME,
  ).exactOptional(),
  volumeMounts: mergingList(z.looseObject({ name: z.string(), mountPath: z.string() }), {
    keys: ['mountPath'],
  }).exactOptional(),
  volumeDevices: mergingList(z.looseObject({ name: z.string(), devicePath: z.string() }), {
    keys: ['devicePath'],
  }).exactOptional(),
});

const containers = mergingList(containerSchema, BY_NAME);

const podSpecSchema = z.looseObject({
  containers,
  initContainers: containers.exactOptional(),
  ephemeralContainers: containers.exactOptional(),
  volumes: mergingList(named, { ...BY_NAME, strategy: 'merge,retainKeys' }).exactOptional(),
  imagePullSecrets: mergingList(
    z.looseObject({ name: z.string().exactOptional() }),
    BY_NAME,
  ).exactOptional(),
  hostAliases: mergingList(z.looseObject({ ip: z.string() }), { keys: ['ip'] }).exactOptional(),
  topologySpreadConstraints: mergingList(
    z.looseObject({ topologyKey: z.string(), whenUnsatisfiable: z.string() }),
    { keys: ['topologyKey', 'whenUnsatisfiable'] },
  ).exactOptional(),
  nodeName: z.string().exactOptional(),
  hostNetwork: z.boolean().exactOptional(),
  restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).exactOptional(),
  schedulerName: z.string().exactOptional(),
  serviceAccountName: z.string().exactOptional(),
});

const containerStatusSchema = z.looseObject({
  name: z.string(),
  ready: z.boolean().exactOptional(),
  started: z.boolean().exactOptional(),
  restartCount: z.int().exactOptional(),
  image: z.string().exactOptional(),
  imageID: z.string().exactOptional(),
  containerID: z.string().exactOptional(),
  state: z.record(z.string(), z.unknown()).exactOptional(),
  lastState: z.record(z.string(), z.unknown()).exactOptional(),
});

const podStatusSchema = z.looseObject({
  phase: z.enum(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']).exactOptional(),
  reason: z.string().exactOptional(),
  message: z.string().exactOptional(),
  podIP: z.string().exactOptional(),
  podIPs: mergingList(z.looseObject({ ip: z.string() }), { keys: ['ip'] }).exactOptional(),
  hostIP: z.string().exactOptional(),
  nominatedNodeName: z.string().exactOptional(),
  startTime: z.string().exactOptional(),
  conditions: mergingList(
    z.looseObject({ type: z.string(), status: z.enum(['True', 'False', 'Unknown']) }),
    { keys: ['type'] },
  ).exactOptional(),
  containerStatuses: z.array(containerStatusSchema).exactOptional(),
  initContainerStatuses: z.array(containerStatusSchema).exactOptional(),
});

const podSchema = z.strictObject({
  ...typeShape('v1', 'Pod'),
  spec: podSpecSchema,
  status: podStatusSchema.exactOptional(),
});

/** A Pod. */
export type Pod = z.infer<typeof podSchema>;

/** v1 Pod. */
export const podKind = defineKind<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  schema: podSchema,
  shortNames: ['po'],
  categories: ['all'],
  isBuiltin: true,
  hasMergingLists: true,
  selectableFields: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  printerColumns: [
    { name: 'Status', type: 'string', jsonPath: '.status.phase' },
    COLUMNS.age,
    { name: 'IP', type: 'string', jsonPath: '.status.podIP', priority: 1 },
    { name: 'Node', type: 'string', jsonPath: '.spec.nodeName', priority: 1 },
  ],
});
