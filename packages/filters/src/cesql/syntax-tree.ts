/** The syntax tree of a CESQL expression. Immutable; every node knows the offset it was written at. */
import type { LikePattern } from './like.ts';

/** A value of the language: String, Integer (int32) or Boolean. */
export type CesqlValue = string | number | boolean;

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type EqualityOperator = '=' | '!=';
export type OrderOperator = '<' | '<=' | '>' | '>=';
export type LogicOperator = 'AND' | 'OR' | 'XOR';

interface Node {
  readonly offset: number;
}

export interface LiteralNode extends Node {
  readonly kind: 'literal';
  readonly value: CesqlValue;
}

export interface AttributeNode extends Node {
  readonly kind: 'attribute';
  /** Lower case, whatever was written. */
  readonly name: string;
}

export interface ExistsNode extends Node {
  readonly kind: 'exists';
  readonly name: string;
}

export interface UnaryNode extends Node {
  readonly kind: 'not' | 'negate';
  readonly operand: CesqlNode;
}

interface BinaryNode<Kind extends string, Operator extends string> extends Node {
  readonly kind: Kind;
  readonly operator: Operator;
  readonly left: CesqlNode;
  readonly right: CesqlNode;
}

export type ArithmeticNode = BinaryNode<'arithmetic', ArithmeticOperator>;
export type EqualityNode = BinaryNode<'equality', EqualityOperator>;
export type OrderNode = BinaryNode<'order', OrderOperator>;
export type LogicNode = BinaryNode<'logic', LogicOperator>;

export interface LikeNode extends Node {
  readonly kind: 'like';
  readonly negated: boolean;
  readonly operand: CesqlNode;
  readonly pattern: LikePattern;
}

export interface InNode extends Node {
  readonly kind: 'in';
  readonly negated: boolean;
  readonly operand: CesqlNode;
  readonly items: readonly CesqlNode[];
}

export interface CallNode extends Node {
  readonly kind: 'call';
  /** Upper case. */
  readonly name: string;
  readonly args: readonly CesqlNode[];
}

export type CesqlNode =
  | LiteralNode
  | AttributeNode
  | ExistsNode
  | UnaryNode
  | ArithmeticNode
  | EqualityNode
  | OrderNode
  | LogicNode
  | LikeNode
  | InNode
  | CallNode;

/** The direct parts of a node, in the order in which they are evaluated. */
export function partsOf(node: CesqlNode): readonly CesqlNode[] {
  switch (node.kind) {
    case 'literal':
    case 'attribute':
    case 'exists':
      return [];
    case 'not':
    case 'negate':
    case 'like':
      return [node.operand];
    case 'arithmetic':
    case 'equality':
    case 'order':
    case 'logic':
      return [node.left, node.right];
    case 'in':
      return [node.operand, ...node.items];
    case 'call':
      return node.args;
  }
}

/** Nodes in all: what one evaluation visits at most, since the language has no loops. */
export function countNodes(root: CesqlNode): number {
  let count = 0;
  const open: CesqlNode[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    count += 1;
    for (const part of partsOf(node)) open.push(part);
  }
  return count;
}
