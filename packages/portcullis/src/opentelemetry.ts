export type { TelemetryEvent } from "./audit/audit.ts";
export type { Telemetry, TelemetryRoute } from "./audit/telemetry.ts";
export { type OpenTelemetryOptions, openTelemetry } from "./opentelemetry/open-telemetry.ts";
