/**
 * Kinds that users define by CustomResourceDefinitions, in the registry of this process while their definitions
 * exist. What a cluster's API server and its CRD controllers do: names accepted or refused, kinds served from the
 * moment when all names of their definition were accepted, under the names that it has.
 *
 * Who has which name is known here first, and written in the status afterwards: the copies of definitions that
 * controllers see are old ones.
 *
 * A definition of one of our own kinds (the files of `crds/` applied to a laptop) is accepted and changes nothing:
 * those kinds are built in, with rules that no CRD can say. Their names are taken, for every other definition.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  kindsOfCrd,
  storedKindOfCrd,
  type CustomResourceDefinition,
  type KindDefinition,
  type KindRegistry,
} from '@afflux/resources';
import {
  acceptNames,
  isTaken,
  NO_NAMES,
  takenBy,
  type NamesDecision,
  type TakenNames,
} from './accepted-names.ts';

/** The names of a definition, and whether its kinds are served. */
export interface Naming extends NamesDecision {
  readonly isEstablished: boolean;
}

interface Definition {
  /** Another one of the same name has another uid. */
  readonly uid: string;
  readonly group: string;
  readonly naming: Naming;
  /** Of the spec that the kinds were made of. */
  readonly generation: number;
  readonly kinds: readonly KindDefinition[];
  /** The version in which their objects are kept. */
  readonly stored: KindDefinition | undefined;
}

const NOTHING: Pick<Definition, 'kinds' | 'stored'> = { kinds: [], stored: undefined };

const UNNAMED: Naming = { accepted: NO_NAMES, isEstablished: false };

export interface UserKindsDeps {
  /** Has the built-in kinds, and no others. */
  readonly registry: KindRegistry;
}

/** The user-defined part of a registry. */
export class UserKinds {
  readonly #registry: KindRegistry;
  readonly #builtin: readonly KindDefinition[];
  readonly #definitions = new Map<string, Definition>();

  constructor({ registry }: UserKindsDeps) {
    this.#registry = registry;
    this.#builtin = registry.all();
  }

  /**
   * Takes over what the status of a definition says, from an earlier life of this process. Nothing is decided: those
   * that are not known yet may have the better right. One that says what cannot be is left to be decided.
   */
  learn(crd: CustomResourceDefinition): void {
    const naming = recordedNaming(crd);
    if (naming === undefined || isTaken(naming.accepted, this.#takenByOthers(crd))) return;
    this.#settle(crd, naming);
  }

  /**
   * Decides which names a definition gets, and serves its kinds as it says now if it has them. The same object as
   * before when nothing changed about the names.
   */
  accept(crd: CustomResourceDefinition): Naming {
    const { name, uid = '' } = crd.metadata;
    if (this.#definitions.get(name)?.uid !== uid) this.forget(name);
    const former = this.namingOf(name) ?? UNNAMED;
    const others = this.#takenByOthers(crd);
    const own = takenBy([former.accepted]);
    const decision = acceptNames(crd.spec.names, former.accepted, {
      resources: new Set([...others.resources, ...own.resources]),
      kinds: new Set([...others.kinds, ...own.kinds]),
    });
    const isEstablished = former.isEstablished || decision.conflict === undefined;
    const next = { ...decision, isEstablished };
    const naming = isDeepStrictEqual(next, former) ? former : next;
    this.#settle(crd, naming);
    return naming;
  }

  /** They are served no more, and their names are free. */
  forget(name: string): void {
    this.#withdraw(name);
    this.#definitions.delete(name);
  }

  /** Undefined for a definition that was not looked at. */
  namingOf(name: string): Naming | undefined {
    return this.#definitions.get(name)?.naming;
  }

  /** In which all objects of a definition are kept; undefined where nothing is. */
  storedKindOf(name: string): KindDefinition | undefined {
    return this.#definitions.get(name)?.stored;
  }

  #takenByOthers({ metadata: { name }, spec }: CustomResourceDefinition): TakenNames {
    const { group, names } = spec;
    const builtin = this.#builtin.filter((one) => {
      // Another kind under the plural of ours is no definition of it.
      const isItself = `${one.plural}.${one.group}` === name && one.kind === names.kind;
      return one.group === group && !isItself;
    });
    const users = [...this.#definitions]
      .filter(([other, one]) => one.group === group && other !== name)
      .map(([, { naming }]) => naming.accepted);
    return takenBy([...builtin.map(namesOfKind), ...users]);
  }

  #settle(crd: CustomResourceDefinition, naming: Naming): void {
    const { name, uid = '', generation = 0 } = crd.metadata;
    const former = this.#definitions.get(name);
    if (former?.naming === naming && former.generation === generation) return;
    this.#withdraw(name);
    const served = naming.isEstablished ? this.#serve(crd, naming) : NOTHING;
    this.#definitions.set(name, { uid, group: crd.spec.group, naming, generation, ...served });
  }

  /** Gives back what is served: built-in kinds stay what they are. */
  #serve(
    crd: CustomResourceDefinition,
    { accepted }: Naming,
  ): Pick<Definition, 'kinds' | 'stored'> {
    const spec = { ...crd.spec, names: accepted };
    const kinds = kindsOfCrd({ ...crd, spec }).filter(
      ({ apiVersion, kind }) => this.#registry.get(apiVersion, kind) === undefined,
    );
    const stored = kinds.length === 0 ? undefined : storedKindOfCrd({ ...crd, spec });
    for (const kind of [...kinds, ...listOf(stored)]) this.#registry.register(kind);
    return { kinds, stored };
  }

  #withdraw(name: string): void {
    const { kinds, stored } = this.#definitions.get(name) ?? NOTHING;
    for (const { apiVersion, kind } of [...kinds, ...listOf(stored)]) {
      this.#registry.unregister(apiVersion, kind);
    }
  }
}

function listOf<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

function namesOfKind(definition: KindDefinition) {
  const { plural, singular, shortNames, kind, listKind = `${kind}List` } = definition;
  return { plural, singular, shortNames: [...shortNames], kind, listKind };
}

/** Undefined for a definition that was never looked at. */
function recordedNaming({ status }: CustomResourceDefinition): Naming | undefined {
  const { acceptedNames, conditions = [] } = status ?? {};
  if (acceptedNames === undefined) return undefined;
  const isEstablished = conditions.some(
    ({ type, status: state }) => type === 'Established' && state === 'True',
  );
  return { accepted: { ...NO_NAMES, ...acceptedNames }, isEstablished };
}
