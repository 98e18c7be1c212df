import type { BundleBytes } from "./bundle-bytes.ts";
import type { StateResults } from "./state-measure-all.ts";
import { aimed, formatLines, type Line, plain, ratioLines } from "./table.ts";

/** The figures of server state as a table for people, with the aims beside them. */
export function formatStateTable({
	events,
	hydrate,
	memory,
	topic,
	client,
	react,
}: StateResults): string {
	const { base, other } = events;
	const wide = `${hydrate.fields} fields, ${hydrate.checks} checks`;
	return formatLines([
		...ratioLines("event / bare JSON route", events, 0.6),
		plain(
			"  requests per second",
			`${base.requestsPerSecond.toFixed(0)} -> ${other.requestsPerSecond.toFixed(0)}`,
		),
		plain(
			"  milliseconds, p50 and p99, 50 tabs at once",
			`${base.p50.toFixed(1)}, ${base.p99.toFixed(1)} -> ${other.p50.toFixed(1)}, ${other.p99.toFixed(1)}`,
		),
		below(`hydrate of ${wide}, new tab, CPU`, hydrate.first / 1000, 1, "ms", 2),
		below("  known tab", hydrate.again / 1000, 1, "ms", 2),
		below(
			`memory of a client, ${memory.clients} idle, within a minute`,
			memory.warm / 1000,
			20,
			"kB",
			1,
		),
		below("  a minute later", memory.cold / 1000, 20, "kB", 1),
		below(`topic.changed() to ${topic.streams} streams, CPU, highest`, topic.highest, 250, "ms", 0),
		plain(
			"  median; wall time until all have read it",
			`${topic.cpu.toFixed(0)} ms; ${topic.wall.toFixed(0)} ms`,
		),
		...bundleLines("portcullis/client", client, 6),
		...bundleLines("portcullis/react", react, 9),
	]);
}

function bundleLines(entry: string, { first, all }: BundleBytes, aim: number): Line[] {
	return [
		below(`${entry}, minified and gzipped`, first / 1024, aim, "KiB", 2),
		below("  with what it loads later", all / 1024, aim, "KiB", 2),
	];
}

function below(what: string, figure: number, aim: number, unit: string, digits: number): Line {
	return aimed(what, `${figure.toFixed(digits)} ${unit}`, `< ${aim} ${unit}`, figure < aim);
}
