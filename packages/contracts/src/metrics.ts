/** `monsta_<component>_<quantity>_<unit>` in lower case; `total` is the unit of a counter. */
const METRIC_NAME = /^monsta(_[a-z][a-z0-9]*){3,}$/;

/** Throws `RangeError` where a metric's name is not `monsta_<component>_<quantity>_<unit>`. */
export function assertMetricName(name: string): void {
  if (METRIC_NAME.test(name)) return;
  throw new RangeError(
    `metric '${name}': call it monsta_<component>_<quantity>_<unit> in lower case, as in monsta_stream_messages_total`,
  );
}
