import { createHash } from 'node:crypto';

/** A Lua script of one key. Redis runs it whole, with nothing in between. */
export interface Script {
  readonly text: string;
  /** By which Redis knows it once it has run. */
  readonly sha1: string;
}

const script = (text: string): Script => ({ text, sha1: createHash('sha1').update(text).digest('hex') });

/**
 * ARGV: '1' if a value is expected, the value expected, the new value, ms to live. Answers 1 if it was set.
 */
export const COMPARE_AND_SET = script(`
local stands = redis.call('GET', KEYS[1])
if ARGV[1] == '1' then
  if stands ~= ARGV[2] then return 0 end
elseif stands then
  return 0
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
`);

/** The counter under the key as a number, or nil. Numbers of Lua are exact to 2^53, and a longer text of digits is no counter. */
const READ_COUNTER = `
local function counter()
  local text = redis.call('GET', KEYS[1])
  if not text then return 0, false end
  if text ~= '0' and not string.find(text, '^[1-9]%d*$') then return nil end
  local number = tonumber(text)
  if #text > 16 or number > 9007199254740991 then return nil end
  return number, true
end
`;

/** ARGV: amount, limit, ms to live. Answers whether it was added and what stands, as text; nothing when the value is no counter. */
export const ADD_WITHIN = script(`${READ_COUNTER}
local stands, known = counter()
if not stands then return {} end
local amount = tonumber(ARGV[1])
if stands > tonumber(ARGV[2]) - amount then return {0, string.format('%.0f', stands)} end
local sum = string.format('%.0f', stands + amount)
if known then
  redis.call('SET', KEYS[1], sum, 'KEEPTTL')
else
  redis.call('SET', KEYS[1], sum, 'PX', ARGV[3])
end
return {1, sum}
`);

/** ARGV: value, ms to live. Answers what stands, as text; nothing when the value is no counter. */
export const RAISE_TO = script(`${READ_COUNTER}
local stands, known = counter()
if not stands then return {} end
local value = tonumber(ARGV[1])
if known and stands >= value then return {string.format('%.0f', stands)} end
local left = redis.call('PTTL', KEYS[1])
local ttl = ARGV[2]
if left > tonumber(ttl) then ttl = string.format('%.0f', left) end
local text = string.format('%.0f', value)
redis.call('SET', KEYS[1], text, 'PX', ttl)
return {text}
`);

/**
 * ARGV: capacity, tokens wanted and refill a microsecond, all in 10^-12 of a token (exact up to 9,007 tokens, to the 16th digit above).
 * Answers whether they were taken, what is left and, in microseconds, how long to wait, the last two as text. The time is Redis's own, so that all
 * processes refill by one clock; a clock set back refills nothing. A bucket that has had the time to fill is forgotten: an absent one is full.
 */
export const TAKE_TOKENS = script(`
local capacity, wanted, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local units = capacity
local held = redis.call('HMGET', KEYS[1], 'units', 'at')
if held[1] then
  units = math.min(capacity, tonumber(held[1]) + math.max(0, now - tonumber(held[2])) * rate)
end
local granted, wait = 1, 0
if units >= wanted then
  units = units - wanted
else
  granted = 0
  wait = math.ceil((wanted - units) / rate)
end
redis.call('HSET', KEYS[1], 'units', string.format('%.0f', units), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((capacity - units) / rate / 1000) + 1))
return {granted, string.format('%.0f', units), string.format('%.0f', wait)}
`);
