/**
 * Lint rules of our own: code that must give the same answer on every run may not reach for the world around it.
 *
 * `monsta/ambient-time`: the machine's clock and timers. `monsta/ambient-random`: unseeded randomness.
 * `monsta/ambient-io`: the network, the process and the console. They look at values only, so naming `Date` or
 * `NodeJS.Process` as a type is free, and so is a local variable that happens to be called `performance`.
 * `monsta/double-assertion`: `as unknown as T`.
 */

/** The part of a syntax-tree node that these rules look at. */
interface SyntaxNode {
  readonly type: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly computed?: boolean;
  readonly object?: SyntaxNode;
  readonly property?: SyntaxNode;
  readonly callee?: SyntaxNode;
  readonly arguments?: readonly SyntaxNode[];
  readonly operator?: string;
  readonly right?: SyntaxNode;
  readonly expression?: SyntaxNode;
  readonly typeAnnotation?: SyntaxNode;
  readonly parent?: SyntaxNode;
}

interface RuleContext {
  readonly sourceCode: { isGlobalReference(node: SyntaxNode): boolean };
  report(finding: { readonly node: SyntaxNode; readonly message: string }): void;
}

interface Rule {
  readonly meta: { readonly type: 'problem'; readonly docs: { readonly description: string } };
  create(context: RuleContext): Readonly<Record<string, (node: SyntaxNode) => void>>;
}

/** What is forbidden of one global: all of it, or all but some members, and what to use in its place. */
interface Ban {
  readonly instead: string;
  /** Members that may be used (`Date.UTC`); everything else of the global is forbidden. */
  readonly onlyMembers?: readonly string[];
  /** Members that may not be used (`Math.random`); reading any other is free, passing the global on is not. */
  readonly notMembers?: readonly string[];
  /** `new Date(time)` depends on nothing but its argument. */
  readonly mayConstructWithArguments?: boolean;
}

const TYPE_POSITIONS: ReadonlySet<string> = new Set([
  'TSTypeReference',
  'TSQualifiedName',
  'TSTypeQuery',
  'TSClassImplements',
  'TSInterfaceHeritage',
  'TSExpressionWithTypeArguments',
]);

function memberName(member: SyntaxNode): string | undefined {
  if (member.property === undefined) return undefined;
  if (member.computed !== true) return member.property.name;
  return typeof member.property.value === 'string' ? member.property.value : undefined;
}

function isAllowed(ban: Ban, reference: SyntaxNode): boolean {
  const parent = reference.parent;
  if (parent === undefined) return false;
  if (parent.type === 'MemberExpression' && parent.object === reference) {
    const name = memberName(parent);
    if (name === undefined) return false;
    if (ban.onlyMembers !== undefined) return ban.onlyMembers.includes(name);
    return ban.notMembers !== undefined && !ban.notMembers.includes(name);
  }
  if (ban.mayConstructWithArguments !== true) return false;
  if (parent.type === 'BinaryExpression') return parent.operator === 'instanceof' && parent.right === reference;
  if (parent.type !== 'NewExpression' || parent.callee !== reference) return false;
  const [first] = parent.arguments ?? [];
  return first !== undefined && first.type !== 'SpreadElement';
}

function describe(name: string, reference: SyntaxNode): string {
  const parent = reference.parent;
  if (parent?.type === 'MemberExpression' && parent.object === reference) {
    const member = memberName(parent);
    return member === undefined ? name : `${name}.${member}`;
  }
  return parent?.type === 'NewExpression' && parent.callee === reference ? `new ${name}()` : name;
}

function forbid(description: string, bans: Readonly<Record<string, Ban>>): Rule {
  return {
    meta: { type: 'problem', docs: { description } },
    create(context) {
      const check = (name: string | undefined, reference: SyntaxNode): void => {
        if (name === undefined || !Object.hasOwn(bans, name)) return;
        const ban = bans[name];
        if (ban === undefined || isAllowed(ban, reference)) return;
        context.report({
          node: reference,
          message: `\`${describe(name, reference)}\` is not allowed here: ${ban.instead}`,
        });
      };
      return {
        Identifier(node) {
          if (node.name === undefined || !(node.name in bans)) return;
          if (node.parent !== undefined && TYPE_POSITIONS.has(node.parent.type)) return;
          if (context.sourceCode.isGlobalReference(node)) check(node.name, node);
        },
        // globalThis.Date and globalThis['Date'] are the same thing by another road.
        MemberExpression(node) {
          const owner = node.object;
          if (owner?.type !== 'Identifier' || (owner.name !== 'globalThis' && owner.name !== 'global')) return;
          if (context.sourceCode.isGlobalReference(owner)) check(memberName(node), node);
        },
      };
    },
  };
}

/** `x as unknown as T` switches the compiler off: whatever x is, it becomes a T. */
const doubleAssertion: Rule = {
  meta: { type: 'problem', docs: { description: 'forbid an assertion through unknown' } },
  create(context) {
    return {
      TSAsExpression(node) {
        const inner = node.expression;
        if (inner?.type !== 'TSAsExpression') return;
        if (inner.typeAnnotation?.type !== 'TSUnknownKeyword' && inner.typeAnnotation?.type !== 'TSAnyKeyword') return;
        context.report({
          node,
          message: '`as unknown as` hides whatever is wrong: parse the value, or narrow it with a type guard.',
        });
      },
    };
  },
};

const CLOCK = 'take a `Clock` from @monsta/ports (or the time as an argument), so that a backtest can set it.';
const TIMER = 'take a `Clock` from @monsta/ports and let it wake you, so that a test can move the time.';
const SEED = 'take a seeded random from @monsta/core, so that the run can be repeated.';
const WIRE = 'take a `Transport` from @monsta/ports.';

/** The plugin as the linter loads it. */
export default {
  meta: { name: 'monsta' },
  rules: {
    'double-assertion': doubleAssertion,
    'ambient-time': forbid('forbid the machine clock and its timers', {
      Date: { instead: CLOCK, onlyMembers: ['UTC', 'parse'], mayConstructWithArguments: true },
      performance: { instead: CLOCK },
      Temporal: { instead: CLOCK, notMembers: ['Now'] },
      setTimeout: { instead: TIMER },
      setInterval: { instead: TIMER },
      setImmediate: { instead: TIMER },
      AbortSignal: { instead: TIMER, notMembers: ['timeout'] },
    }),
    'ambient-random': forbid('forbid unseeded randomness', {
      Math: { instead: SEED, notMembers: ['random'] },
      crypto: { instead: SEED, notMembers: ['randomUUID', 'getRandomValues'] },
    }),
    'ambient-io': forbid('forbid the network, the process and the console', {
      fetch: { instead: WIRE },
      WebSocket: { instead: WIRE },
      EventSource: { instead: WIRE },
      XMLHttpRequest: { instead: WIRE },
      process: { instead: 'take configuration as an argument; only apps/ reads the process.' },
      console: { instead: 'take a `Logger` from @monsta/ports.' },
    }),
  },
} as const;
