import type { TimestampUs } from '@monsta/core';
import type { ApiContext, ApiMethod, PublicMethod } from '../api-method.ts';
import type { Caller, Permission } from '../trading/caller.ts';
import { BinanceError, type Parameters } from '../parameters.ts';
import type { KeyProof } from '../trading/signatures.ts';
import { wireTime } from '../wire.ts';
import type { SessionSubscriptions } from './session-subscriptions.ts';

/** The key that a session has proven to have. */
export interface Logon {
  readonly caller: Caller;
  readonly sinceUs: TimestampUs;
}

/** What the methods of a session work on. */
export interface SessionState {
  readonly connectedUs: TimestampUs;
  readonly showsRateLimits: boolean;
  /** Null where the model takes no orders: then nobody has an account to listen to. */
  readonly subscriptions: SessionSubscriptions | null;
  logon: Logon | null;
  /** Who signed the request that is being answered. Throws `BinanceError`. */
  identify(parameters: Parameters, permission: Permission): Caller;
  /** Throws −2015 where a key may not do this, or not any more. */
  permit(caller: Caller, permission: Permission): void;
  /** What kind of key it is. */
  kindOf(caller: Caller): KeyProof['kind'];
}

const SESSION_WEIGHT = 2;

const method = (name: string, answer: (context: ApiContext) => unknown): PublicMethod => ({
  security: 'NONE',
  rest: null,
  socket: name,
  weight: () => SESSION_WEIGHT,
  answer,
});

/** A method that only says no. It costs as much as the one that it stands for. */
export function refusing(name: string, error: BinanceError, weight: ApiMethod['weight'] = () => 1): PublicMethod {
  return {
    ...method(name, () => {
      throw error;
    }),
    weight,
  };
}

function statusOf(state: SessionState, { nowUs, unit }: ApiContext): object {
  const { logon, connectedUs, showsRateLimits, subscriptions } = state;
  return {
    apiKey: logon?.caller.apiKey ?? null,
    authorizedSince: logon === null ? null : wireTime(logon.sinceUs, unit),
    connectedSince: wireTime(connectedUs, unit),
    returnRateLimits: showsRateLimits,
    serverTime: wireTime(nowUs, unit),
    userDataStream: subscriptions === null ? null : subscriptions.ids.length > 0,
  };
}

function subscriptionsOf({ subscriptions }: SessionState): SessionSubscriptions {
  if (subscriptions === null) throw new BinanceError(-1020, 'This operation is not supported.');
  return subscriptions;
}

function logOn(state: SessionState, context: ApiContext): object {
  const caller = state.identify(context.parameters, 'USER_DATA');
  const kind = state.kindOf(caller);
  // Sessions are for Ed25519 keys only.
  if (kind !== 'ED25519') {
    throw new BinanceError(-2028, `${kind === 'HMAC' ? 'HMAC-SHA-256' : kind} API key is not supported.`);
  }
  context.parameters.finish();
  state.logon = { caller, sinceUs: context.nowUs };
  return statusOf(state, context);
}

function logOut(state: SessionState, context: ApiContext): object {
  context.parameters.finish();
  state.logon = null;
  state.subscriptions?.closeOfSession();
  return statusOf(state, context);
}

function subscribe(state: SessionState, { parameters }: ApiContext): object {
  const subscriptions = subscriptionsOf(state);
  if (state.logon === null) {
    throw new BinanceError(-1193, 'WebSocket session not authenticated. Recommendation: use `session.logon`');
  }
  const { caller } = state.logon;
  state.permit(caller, 'USER_STREAM');
  parameters.finish();
  return { subscriptionId: subscriptions.open(caller.account, 'session') };
}

function subscribeSigned(state: SessionState, { parameters }: ApiContext): object {
  const subscriptions = subscriptionsOf(state);
  const { account } = state.identify(parameters, 'USER_STREAM');
  parameters.finish();
  return { subscriptionId: subscriptions.open(account, 'signature') };
}

function unsubscribe(state: SessionState, { parameters }: ApiContext): object {
  const id = parameters.optionalInteger('subscriptionId');
  parameters.finish();
  subscriptionsOf(state).close(id);
  return {};
}

const gone = (): BinanceError => new BinanceError(-1016, 'This service is no longer available.', 410);

/** The methods of one connection: who it is, and what it listens to. */
export function sessionMethods(state: SessionState): readonly PublicMethod[] {
  return [
    method('session.logon', (context) => logOn(state, context)),
    method('session.status', (context) => statusOf(state, context)),
    method('session.logout', (context) => logOut(state, context)),
    method('session.subscriptions', () =>
      (state.subscriptions?.ids ?? []).map((subscriptionId) => ({ subscriptionId })),
    ),
    method('userDataStream.subscribe', (context) => subscribe(state, context)),
    method('userDataStream.subscribe.signature', (context) => subscribeSigned(state, context)),
    method('userDataStream.unsubscribe', (context) => unsubscribe(state, context)),
    // The way with a listenKey ended on 2026-02-20.
    ...['userDataStream.start', 'userDataStream.ping', 'userDataStream.stop'].map((name) => refusing(name, gone())),
  ];
}
