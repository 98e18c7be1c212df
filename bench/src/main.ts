// npm run bench -- [--json] [--rounds 5] [--seconds 3] [--only gate | --only state]
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { measureAll, measureServerState } from "./measure-all.ts";
import { pinned } from "./processes.ts";
import { formatStateTable } from "./state-table.ts";
import { formatTable } from "./table.ts";

const { values } = parseArgs({
	options: {
		json: { type: "boolean", default: false },
		rounds: { type: "string", default: "5" },
		seconds: { type: "string", default: "3" },
		only: { type: "string" },
	},
});
if (values.only !== undefined && values.only !== "gate" && values.only !== "state")
	throw new TypeError("--only takes gate or state");
const extent = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
const machine = {
	cpu: cpus()[0]?.model ?? "unknown",
	cores: cpus().length,
	node: process.version,
	pinned,
};

const note = (line: string) => console.error(`measuring: ${line}`);
const results = values.only === "state" ? undefined : await measureAll(extent, note);
const state = values.only === "gate" ? undefined : await measureServerState(extent, note);
if (values.json) {
	console.log(JSON.stringify({ machine, extent, ...results, state }, null, "\t"));
} else {
	console.log(
		`\n${machine.cores} x ${machine.cpu}, Node ${machine.node}, ${extent.rounds} rounds of ${extent.seconds} s each${pinned ? ", server and load on a core each" : ""}\n`,
	);
	if (results) console.log(formatTable(results));
	if (state) console.log(formatStateTable(state));
}
process.exit(0);
