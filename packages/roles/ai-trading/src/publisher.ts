import {
  encodeAlert,
  encodeDecision,
  encodeFill,
  encodeOrder,
  internalSubjects,
  topics,
  type RiskMessage,
  type TradingReply,
} from '@monsta/contracts';
import { assetId, childTraceparent, type Alert } from '@monsta/core';
import type { Kernel, KernelInput, KernelOutput } from '@monsta/trading';
import { AlertDesk, DEFAULT_ALERT_TERMS } from './alerts.ts';
import { accountMessage, positionMessage, strategyMessage, tradingStateMessage } from './messages.ts';
import type { AiTradingOptions } from './options.ts';
import { riskMessage } from './risk-message.ts';

/** Tells the world what is durable already. Account and positions leave at most every `publishEveryMs`, and at least every `republishEveryMs`. */
export class Publisher {
  readonly #options: AiTradingOptions;
  readonly #kernel: Kernel;
  readonly alerts: AlertDesk;
  #traceparent: string | null = null;
  #accountText = '';
  #positionsText = '';
  #strategiesText = '';
  #riskText = '';
  #accountAtMs = Number.NEGATIVE_INFINITY;
  #stateAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: AiTradingOptions, kernel: Kernel) {
    this.#options = options;
    this.#kernel = kernel;
    const { accountId, config, alerts = DEFAULT_ALERT_TERMS } = options;
    this.alerts = new AlertDesk(accountId, config.quoteAsset, alerts);
  }

  /** What of an input is told beside the kernel's outputs: connections that come and go. */
  saw(input: KernelInput): void {
    const { nowUs } = this.#kernel;
    if (input.kind === 'market' && input.event.kind === 'feed') this.#alert(this.alerts.feed(input.event, nowUs));
    if (input.kind !== 'account' || input.event.kind !== 'reports') return;
    const { state, reason } = input.event;
    this.#alert(this.alerts.reports(state === 'live', reason, nowUs));
  }

  /** `traceparent`: of what led to the outputs; each message goes on with it in a span of its own. */
  publish(outputs: readonly KernelOutput[], traceparent: string | null): void {
    this.#traceparent = traceparent;
    for (const output of outputs) this.#publishOne(output);
    this.#alert(this.alerts.outputs(outputs, this.#kernel.nowUs));
    this.#traceparent = null;
  }

  reply(reply: TradingReply): void {
    this.#send(internalSubjects.tradingReplies, reply);
  }

  /** Called at every tick: present states on change, and now and then for those who came late. */
  present(): void {
    const { clock, config, accountId, mode, origin } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#stateAtMs >= config.republishEveryMs) this.#publishState();
    if (nowMs - this.#accountAtMs < config.publishEveryMs) return;
    const repeat = nowMs - this.#accountAtMs >= config.republishEveryMs;
    const quoteAsset = assetId(config.quoteAsset);
    const account = accountMessage(this.#kernel.account(), {
      ...{ accountId, mode, origin, quoteAsset },
      slippage: this.#kernel.slippage(),
    });
    const held = this.#kernel.positions();
    this.#alert(this.alerts.tick(held, this.#kernel.nowUs));
    const positions = held.map((view) => positionMessage(view, (id) => this.#kernel.instrument(id)));
    const strategies = this.#kernel.strategies().map((view) => strategyMessage(view, held));
    const risk = this.#risk();
    const accountText = JSON.stringify({ ...account, timeMs: 0 });
    const positionsText = JSON.stringify(positions);
    const strategiesText = JSON.stringify(strategies);
    const riskText = JSON.stringify({ ...risk, timeMs: 0 });
    const same =
      accountText === this.#accountText &&
      positionsText === this.#positionsText &&
      strategiesText === this.#strategiesText &&
      riskText === this.#riskText;
    if (!repeat && same) return;
    this.#accountAtMs = nowMs;
    if (repeat || accountText !== this.#accountText) this.#send(topics.account, account);
    if (repeat || positionsText !== this.#positionsText) this.#send(topics.positions, positions);
    if (repeat || strategiesText !== this.#strategiesText) this.#send(topics.strategies, strategies);
    if (repeat || riskText !== this.#riskText) this.#send(topics.risk, risk);
    this.#riskText = riskText;
    this.#accountText = accountText;
    this.#strategiesText = strategiesText;
    this.#positionsText = positionsText;
  }

  #risk(): RiskMessage {
    const { accountId, config, venue } = this.#options;
    const { quoteAsset, clockDriftMsMax } = config;
    const reading = venue.clockReading?.() ?? null;
    return riskMessage(this.#kernel.risk(), { accountId, quoteAsset, reading, clockDriftMsMax });
  }

  #publishOne(output: KernelOutput): void {
    switch (output.kind) {
      case 'order':
        this.#send(topics.orders, encodeOrder(output.order, output.instrument));
        return;
      case 'fill':
        this.#send(topics.fills, encodeFill(output.fill, output.instrument));
        return;
      case 'decision':
        this.#send(topics.decisions, encodeDecision(output.decision));
        return;
      case 'trading-state':
        this.#publishState();
        return;
      case 'reply':
        this.reply({
          id: output.id,
          error: output.error,
          state: tradingStateMessage(this.#kernel.gate, this.#options.mode),
          orders: [...output.orders],
          repeated: output.repeated,
          note: output.note,
        });
        return;
      case 'note': {
        const fields = { code: output.code };
        this.#options.telemetry.logger[output.level](output.message, fields);
        return;
      }
      case 'divergence':
        this.#options.telemetry.logger.error(output.divergence.message, { code: output.divergence.code });
        return;
      case 'strategy':
      case 'position':
      case 'trip-ended':
      case 'round-trip':
      case 'equity':
      case 'balances':
      case 'transfer':
      case 'account':
      case 'submit':
      case 'submit-list':
      case 'cancel':
      case 'cancel-list':
      case 'replace':
        return;
    }
  }

  #alert(alerts: readonly Alert[]): void {
    for (const alert of alerts) this.#send(topics.alerts, encodeAlert(alert));
  }

  #publishState(): void {
    this.#stateAtMs = this.#options.clock.monotonicMs();
    this.#send(topics.tradingState, tradingStateMessage(this.#kernel.gate, this.#options.mode));
  }

  #send(subject: string, payload: unknown): void {
    const { stream, telemetry, random } = this.#options;
    const trace = this.#traceparent;
    const sent = stream.publish(subject, payload, {
      tsEventUs: this.#kernel.nowUs,
      ...(trace === null ? {} : { traceparent: childTraceparent(trace, random) }),
    });
    if (!sent.ok)
      telemetry.logger.warn('a message could not be published', {
        subject,
        code: sent.fault.code,
        reason: sent.fault.message,
      });
  }
}
