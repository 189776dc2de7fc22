/** The message of a Service and its parts; sources as in `core.ts`. */
import { INT_OR_STRING } from '../converted-types.ts';
import { kept, list, map, message, value } from '../message.ts';
import { CONDITION, OBJECT_META } from './meta.ts';

const SERVICE_PORT = message('ServicePort', {
  1: value('name', 'string'),
  2: value('protocol', 'string'),
  3: kept('port', 'int32'),
  4: kept('targetPort', INT_OR_STRING),
  5: value('nodePort', 'int32'),
  6: kept('appProtocol', 'string'),
});

const CLIENT_IP_CONFIG = message('ClientIPConfig', { 1: kept('timeoutSeconds', 'int32') });

const SESSION_AFFINITY_CONFIG = message('SessionAffinityConfig', {
  1: kept('clientIP', CLIENT_IP_CONFIG),
});

const SERVICE_SPEC = message('ServiceSpec', {
  1: list('ports', SERVICE_PORT),
  2: map('selector', 'string'),
  3: value('clusterIP', 'string'),
  4: value('type', 'string'),
  5: list('externalIPs', 'string'),
  7: value('sessionAffinity', 'string'),
  8: value('loadBalancerIP', 'string'),
  9: list('loadBalancerSourceRanges', 'string'),
  10: value('externalName', 'string'),
  11: value('externalTrafficPolicy', 'string'),
  12: value('healthCheckNodePort', 'int32'),
  13: value('publishNotReadyAddresses', 'bool'),
  14: kept('sessionAffinityConfig', SESSION_AFFINITY_CONFIG),
  17: kept('ipFamilyPolicy', 'string'),
  18: list('clusterIPs', 'string'),
  19: list('ipFamilies', 'string'),
  20: kept('allocateLoadBalancerNodePorts', 'bool'),
  21: kept('loadBalancerClass', 'string'),
  22: kept('internalTrafficPolicy', 'string'),
  23: kept('trafficDistribution', 'string'),
});

const PORT_STATUS = message('PortStatus', {
  1: kept('port', 'int32'),
  2: kept('protocol', 'string'),
  3: kept('error', 'string'),
});

const LOAD_BALANCER_INGRESS = message('LoadBalancerIngress', {
  1: value('ip', 'string'),
  2: value('hostname', 'string'),
  3: kept('ipMode', 'string'),
  4: list('ports', PORT_STATUS),
});

const SERVICE_STATUS = message('ServiceStatus', {
  1: kept(
    'loadBalancer',
    message('LoadBalancerStatus', { 1: list('ingress', LOAD_BALANCER_INGRESS) }),
  ),
  2: list('conditions', CONDITION),
});

export const SERVICE = message('Service', {
  1: kept('metadata', OBJECT_META),
  2: kept('spec', SERVICE_SPEC),
  3: kept('status', SERVICE_STATUS),
});
