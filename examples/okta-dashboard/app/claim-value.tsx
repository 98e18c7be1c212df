import type { Claim } from "../shared/types.ts";
import { formatTime } from "./format.ts";

/**
 * Claims that are seconds since the epoch (OpenID Connect Core 1.0 sections 2 and 5.1, RFC 7519
 * section 4.1).
 */
const TIMES = new Set(["auth_time", "exp", "iat", "nbf", "updated_at"]);

/** The value of a claim as a person reads it. */
export function ClaimValue({ name, value }: Claim) {
	if (typeof value === "string") return value;
	if (typeof value === "boolean") return value ? "yes" : "no";
	if (typeof value === "number" && TIMES.has(name) && value > 0 && value < 4e9) {
		const time = new Date(value * 1000).toISOString();
		return <time dateTime={time}>{formatTime(time)}</time>;
	}
	if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
		return (
			<ul className="chips">
				{value.map((one) => (
					<li key={one}>{one}</li>
				))}
			</ul>
		);
	}
	return <code>{JSON.stringify(value)}</code>;
}
