export { EPOCH_MS as SIMULATION_EPOCH_MS, SIMULATED_PROFILES, type MarketProfile } from './profiles.ts';
export { createSimulatedExchange, type SimulatedOptions } from './simulated-exchange.ts';
