import { describe, expect, test } from 'vitest';
import { shippedConfigMaps } from '../shipped-config-maps.ts';
import { admitProblems } from '../testing.ts';
import {
  decodeBrokerDefaults,
  defaultBrokerClass,
  defaultBrokerConfig,
  SHIPPED_BROKER_DEFAULTS,
} from './broker-defaults.ts';
import {
  decodeBrokerChannel,
  decodeChannelDefaults,
  defaultChannelTemplate,
  SHIPPED_CHANNEL_DEFAULTS,
  SHIPPED_CHANNEL_TEMPLATE,
} from './channel-defaults.ts';
import type { Decoded } from './decoded.ts';
import { decodeFeatures, isEnabled, SHIPPED_FEATURES } from './features.ts';
import {
  decodeKReferenceMapping,
  mappedAddress,
  SHIPPED_KREFERENCE_MAPPING,
} from './kreference-mapping.ts';
import { matchesLabels } from './label-selector.ts';
import { decodeSugar, SHIPPED_SUGAR } from './sugar.ts';
import { YAML_ENTRY_LENGTH_MAX } from './yaml-entry.ts';

function problems({ value, errors }: Decoded<unknown>): string {
  // Nobody can take a value that came with errors for the new settings.
  expect(value === undefined).toBe(!errors.isEmpty);
  return errors.toString();
}

const brokerDefaults = (text: string) =>
  decodeBrokerDefaults({ data: { 'default-br-config': text } });

describe('config-br-defaults', () => {
  test.each([
    ['', 'missing field(s): data[default-br-config]'],
    [
      'clusterDefault: {brokerClas: x}',
      'unknown field "brokerClas", did you mean "brokerClass"?: data[default-br-config].clusterDefault.brokerClas',
    ],
    [
      'clusterDefault: {brokerClass: 5}',
      'expected a string, found the number 5: data[default-br-config].clusterDefault.brokerClass',
    ],
    ['just text', 'expected an object, found the string "just text": data[default-br-config]'],
    [
      'namespaceDefaults: {a: {delivery: {timeout: x}, brokerClasses: {B: {delivery: {backoffDelay: y}}}}}',
      'invalid value: x: data[default-br-config].namespaceDefaults[a].delivery.timeout\nexpected an ISO 8601 duration above zero, such as PT30S\n' +
        'invalid value: y: data[default-br-config].namespaceDefaults[a].brokerClasses[B].delivery.backoffDelay\nexpected an ISO 8601 duration such as PT0.2S',
    ],
    [
      'clusterDefault: {delivery: {retry: -1}}',
      'invalid value: -1: data[default-br-config].clusterDefault.delivery.retry\nexpected a number of at least 0',
    ],
  ])('%s', (text, expected) => {
    expect(problems(brokerDefaults(text))).toBe(expected);
  });

  test('without its key is an error', () => {
    expect(problems(decodeBrokerDefaults({}))).toBe('missing field(s): data[default-br-config]');
  });

  test('may use delivery fields whose feature is off', () => {
    expect(problems(brokerDefaults('clusterDefault: {delivery: {retryAfterMax: PT1S}}'))).toBe('');
  });

  const defaults = brokerDefaults(`
    clusterDefault:
      brokerClass: A
      name: inline
      brokerClasses: {B: {name: cluster-b}, C: {name: cluster-c}}
    namespaceDefaults:
      same: {brokerClass: B, name: ns-inline}
      classes: {brokerClass: B, name: ns-inline, brokerClasses: {B: {name: ns-b}, D: {name: ns-d}}}
      bare: {brokerClass: C}
  `).value;

  test.each([
    // namespace, class, the entry that is found
    ['other', undefined, 'inline'],
    ['other', 'A', 'inline'],
    ['other', 'B', 'cluster-b'],
    ['other', 'Z', 'inline'],
    ['same', undefined, 'ns-inline'],
    ['same', 'B', 'ns-inline'],
    ['same', 'C', 'cluster-c'],
    ['same', 'A', 'inline'],
    ['classes', undefined, 'ns-b'],
    ['classes', 'B', 'ns-b'],
    ['classes', 'D', 'ns-d'],
    ['bare', undefined, 'cluster-c'],
    ['bare', 'C', 'cluster-c'],
    ['constructor', undefined, 'inline'],
    ['other', 'constructor', 'inline'],
  ])('in namespace %s class %s gets %s', (namespace, brokerClass, name) => {
    expect(defaultBrokerConfig(defaults ?? {}, namespace, brokerClass)?.name).toBe(name);
  });

  test('without any entry nothing is found', () => {
    expect(defaultBrokerConfig({}, 'ns', undefined)).toBeUndefined();
    expect(
      defaultBrokerConfig({ clusterDefault: { brokerClass: 'A' } }, 'ns', 'A'),
    ).toBeUndefined();
    expect(defaultBrokerClass({}, 'ns')).toBeUndefined();
  });

  test('the class of the namespace comes before that of the cluster', () => {
    expect(defaultBrokerClass(defaults ?? {}, 'same')).toBe('B');
    expect(defaultBrokerClass(defaults ?? {}, 'other')).toBe('A');
  });
});

/** Six levels of nine aliases each: half a million texts, if anybody resolved them. */
const ALIAS_BOMB = ['b', 'c', 'd', 'e', 'f', 'g'].reduce(
  ({ text, last }, name) => ({
    text: `${text}\n${name}: &${name} [${`*${last},`.repeat(9)}]`,
    last: name,
  }),
  { text: 'a: &a [x,x,x,x,x,x,x,x,x]', last: 'a' },
).text;

describe('T12 the YAML in a config map', () => {
  test.each([
    ['a: [', /^invalid YAML: data\[default-br-config\]\n.* at line 1/],
    ['a: 1\na: 2', /^invalid YAML: .*\nthe key "a" is there twice/],
    ['clusterDefault: !!js/function x', /^invalid YAML: .*\ntags are not read: !!js/],
    ['clusterDefault: !mine {}', /^invalid YAML: .*\ntags are not read: !mine/],
    ['--- {}\n--- {}', /^invalid YAML/],
    [ALIAS_BOMB, /^invalid YAML: .*\nmore than 20 anchors or aliases/],
    ['a: &a [x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b]', /\nExcessive alias count/],
    ['['.repeat(100_000), /\nnested deeper than 100 levels/],
    [
      Array.from({ length: 60_000 }, (_, line) => `k${String(line)}: v`).join('\n'),
      /\ntoo long for YAML/,
    ],
    [
      '# '.padEnd(YAML_ENTRY_LENGTH_MAX + 1, 'x'),
      /^invalid YAML: .*\nexpected at most 1048576 characters$/,
    ],
  ])('is refused when it asks for more than JSON can say (%#)', (text, expected) => {
    expect(problems(brokerDefaults(text))).toMatch(expected);
  });

  test('may use a few aliases', () => {
    const text = 'clusterDefault: {brokerClasses: {A: &a {name: x}, B: *a}}';
    expect(brokerDefaults(text).value?.clusterDefault?.brokerClasses?.['B']).toEqual({ name: 'x' });
  });
});

describe('default-ch-webhook', () => {
  const decodeText = (text: string) =>
    decodeChannelDefaults({ data: { 'default-ch-config': text } });

  test('the template of the namespace comes before that of the cluster', () => {
    const { value } = decodeText(`
      clusterDefault: {apiVersion: a/v1, kind: A, spec: {x: {y: 1}}}
      namespaceDefaults: {ns: {apiVersion: b/v1, kind: B}}
    `);
    expect(defaultChannelTemplate(value ?? {}, 'ns')?.kind).toBe('B');
    expect(defaultChannelTemplate(value ?? {}, 'other')).toEqual({
      apiVersion: 'a/v1',
      kind: 'A',
      spec: { x: { y: 1 } },
    });
    expect(defaultChannelTemplate({}, 'ns')).toBeUndefined();
  });

  test.each([
    ['', 'missing field(s): data[default-ch-config]'],
    [
      'clusterDefault: {kind: A}',
      'missing field(s): data[default-ch-config].clusterDefault.apiVersion',
    ],
    [
      'namespaceDefault: {}',
      'unknown field "namespaceDefault", did you mean "namespaceDefaults"?: data[default-ch-config].namespaceDefault',
    ],
  ])('%s', (text, expected) => {
    expect(problems(decodeText(text))).toBe(expected);
  });
});

describe('config-br-default-channel', () => {
  const text = 'apiVersion: a/v1\nkind: A\nspec: {x: 1}';
  const template = { apiVersion: 'a/v1', kind: 'A', spec: { x: 1 } };

  test('is read from its key, or from the old one', () => {
    expect(decodeBrokerChannel({ data: { 'channel-template-spec': text } }).value).toEqual(
      template,
    );
    expect(decodeBrokerChannel({ data: { channelTemplateSpec: text } }).value).toEqual(template);
    const both = { 'channel-template-spec': text, channelTemplateSpec: 'kind: [' };
    expect(decodeBrokerChannel({ data: both }).value).toEqual(template);
  });

  test('without either is an error', () => {
    expect(problems(decodeBrokerChannel({ data: {} }))).toBe(
      'missing field(s): data[channel-template-spec]',
    );
  });
});

describe('config-features', () => {
  test('has Knative’s flags and defaults', () => {
    expect(SHIPPED_FEATURES.flags).toEqual({
      'kreference-group': 'Disabled',
      'delivery-retryafter': 'Disabled',
      'delivery-timeout': 'Enabled',
      'kreference-mapping': 'Disabled',
      'transport-encryption': 'Disabled',
      'eventtype-auto-create': 'Disabled',
      'authentication-oidc': 'Disabled',
      'default-authorization-mode': 'Allow-Same-Namespace',
      'oidc-discovery-base-url': 'https://kubernetes.default.svc',
      'cross-namespace-event-links': 'Disabled',
      'new-apiserversource-filters': 'Disabled',
      'requestreply-default-timeout': 'PT30S',
    });
    expect(decodeFeatures({}).value).toEqual(SHIPPED_FEATURES);
  });

  test('values ignore letter case, keys with an underscore are examples', () => {
    const data = {
      'delivery-timeout': 'disabled',
      'kreference-group': ' ENABLED ',
      'transport-encryption': 'strict',
      'default-authorization-mode': 'deny-all',
      'eventtype-auto-create': 'allowed',
      _example: 'anything',
    };
    const { value, warnings } = decodeFeatures({ data });
    expect(value?.flags).toMatchObject({
      'delivery-timeout': 'Disabled',
      'kreference-group': 'Enabled',
      'transport-encryption': 'Strict',
      'default-authorization-mode': 'Deny-All',
      'eventtype-auto-create': 'Allowed',
    });
    expect(warnings.isEmpty).toBe(true);
  });

  test('Allowed is not Enabled', () => {
    const { value = SHIPPED_FEATURES } = decodeFeatures({
      data: { 'kreference-group': 'allowed' },
    });
    expect(isEnabled(value, 'kreference-group')).toBe(false);
    expect(isEnabled(value, 'delivery-timeout')).toBe(true);
  });

  test.each([
    [
      { 'authentication-oidc': 'enable' },
      'invalid value: enable: data[authentication-oidc]\nexpected "Enabled", "Disabled" or "Allowed"',
    ],
    [
      { 'transport-encryption': 'enabled' },
      'invalid value: enabled: data[transport-encryption]\nexpected "Disabled", "Permissive" or "Strict"',
    ],
    [
      { 'requestreply-default-timeout': '30s' },
      'invalid value: 30s: data[requestreply-default-timeout]\nexpected an ISO 8601 duration above zero, such as PT30S',
    ],
    [
      { 'requestreply-default-timeout': 'PT0S' },
      'invalid value: PT0S: data[requestreply-default-timeout]\nexpected an ISO 8601 duration above zero, such as PT30S',
    ],
    [
      { 'oidc-discovery-base-url': 'nowhere' },
      'invalid value: nowhere: data[oidc-discovery-base-url]\nexpected a URL',
    ],
  ])('%j', (data, expected) => {
    expect(problems(decodeFeatures({ data }))).toBe(expected);
  });

  test('a flag nobody knows is kept and reported', () => {
    const data = { 'new-trigger-filters': 'enabled', 'delivery-timout': 'enabled' };
    const { value, warnings } = decodeFeatures({ data });
    expect(value?.others).toEqual(data);
    expect(warnings.toString()).toBe(
      'unknown feature flag "delivery-timout", did you mean "delivery-timeout"?: data[delivery-timout]\n' +
        'unknown feature flag "new-trigger-filters": data[new-trigger-filters]',
    );
  });

  test('node selectors are collected by label', () => {
    const data = { 'apiserversources-nodeselector-disk': 'ssd' };
    expect(decodeFeatures({ data }).value?.nodeSelector).toEqual({ disk: 'ssd' });
  });
});

describe('config-sugar', () => {
  test.each([
    [{}, {}],
    [{ 'namespace-selector': '', 'trigger-selector': ' ', _example: 'x: [' }, {}],
    [{ 'namespace-selector': '{}' }, { namespaceSelector: {} }],
    [
      { 'trigger-selector': 'matchLabels: {a: b}' },
      { triggerSelector: { matchLabels: { a: 'b' } } },
    ],
  ])('%j', (data, value) => {
    expect(decodeSugar({ data }).value).toEqual(value);
  });

  test('an invalid selector is reported with its path', () => {
    const data = { 'trigger-selector': 'matchExpressions: [{key: a, operator: Is}]' };
    expect(problems(decodeSugar({ data }))).toBe(
      'invalid value: Is: data[trigger-selector].matchExpressions[0].operator\nexpected "In", "NotIn", "Exists" or "DoesNotExist"',
    );
  });
});

describe('a label selector', () => {
  const labels = { app: 'a', tier: 'x' };

  test.each([
    [{}, true],
    [{ matchLabels: { app: 'a' } }, true],
    [{ matchLabels: { app: 'a', tier: 'y' } }, false],
    [{ matchLabels: { constructor: 'x' } }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] }, true],
    [{ matchExpressions: [{ key: 'none', operator: 'In', values: ['a'] }] }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a'] }] }, false],
    [{ matchExpressions: [{ key: 'none', operator: 'NotIn', values: ['a'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'toString', operator: 'Exists' }] }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
    [{ matchLabels: { app: 'a' }, matchExpressions: [{ key: 'x', operator: 'Exists' }] }, false],
  ] as const)('%j matches: %s', (selector, expected) => {
    expect(matchesLabels(selector as Parameters<typeof matchesLabels>[0], labels)).toBe(expected);
  });

  test('matches what has no labels only when it asks for none', () => {
    expect(matchesLabels({})).toBe(true);
    expect(matchesLabels({ matchLabels: { a: 'b' } })).toBe(false);
  });
});

describe('config-kreference-mapping', () => {
  const values = { Name: 'n', Namespace: 'ns', UID: 'u', SystemNamespace: 'sys' };

  test('makes addresses of references', () => {
    const { value = new Map<string, string>() } = decodeKReferenceMapping({
      data: {
        _example: 'anything',
        'Pod.v1': 'https://addressable-pod.{{ .SystemNamespace }}.svc/{{.Namespace}}/{{- .Name -}}',
        'Thing.v1.example.com': 'http://things/{{ .UID }}',
      },
    });
    const pod = { apiVersion: 'v1', kind: 'Pod' };
    expect(mappedAddress(value, pod, values)).toBe('https://addressable-pod.sys.svc/ns/n');
    const thing = { apiVersion: 'example.com/v1', kind: 'Thing' };
    expect(mappedAddress(value, thing, values)).toBe('http://things/u');
    expect(mappedAddress(value, { apiVersion: 'v1', kind: 'Service' }, values)).toBeUndefined();
  });

  test.each([
    [
      { Pod: 'http://x' },
      'invalid key name "Pod": data[Pod]\nexpected Kind.version or Kind.version.group',
    ],
    [
      { 'Pod.v1': '/relative' },
      'invalid value: /relative: data[Pod.v1]\nexpected a URL such as http://{{ .Name }}.example.com',
    ],
    [
      { 'Pod.v1': 'http://{{ .Nam }}' },
      'invalid value: http://{{ .Nam }}: data[Pod.v1]\nunknown value .Nam, expected Name',
    ],
    [
      { 'Pod.v1': 'http://{{ if .Name }}x{{ end }}' },
      'invalid value: http://{{ if .Name }}x{{ end }}: data[Pod.v1]\nexpected placeholders such as {{ .Name }}',
    ],
  ])('%j', (data, expected) => {
    expect(problems(decodeKReferenceMapping({ data }))).toBe(expected);
  });
});

test('the shipped config maps say what the constants say, and are valid themselves', () => {
  const maps = new Map(shippedConfigMaps('sys').map((map) => [map.metadata.name, map]));
  const cluster = { ...SHIPPED_BROKER_DEFAULTS.clusterDefault, namespace: 'sys' };
  const map = (name: string) => maps.get(name) ?? {};
  expect(decodeBrokerDefaults(map('config-br-defaults')).value).toEqual({
    clusterDefault: cluster,
  });
  expect(decodeBrokerChannel(map('config-br-default-channel')).value).toEqual(
    SHIPPED_CHANNEL_TEMPLATE,
  );
  expect(decodeChannelDefaults(map('default-ch-webhook')).value).toEqual(SHIPPED_CHANNEL_DEFAULTS);
  expect(decodeFeatures(map('config-features')).value).toEqual(SHIPPED_FEATURES);
  expect(decodeSugar(map('config-sugar')).value).toEqual(SHIPPED_SUGAR);
  expect(decodeKReferenceMapping(map('config-kreference-mapping')).value).toEqual(
    SHIPPED_KREFERENCE_MAPPING,
  );
  for (const configMap of maps.values()) expect(admitProblems(configMap)).toBe('');
});
