// npm run bench -- [--json] [--rounds 5] [--seconds 3]
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { measureAll } from "./measure-all.ts";
import { pinned } from "./processes.ts";
import { formatTable } from "./table.ts";

const { values } = parseArgs({
	options: {
		json: { type: "boolean", default: false },
		rounds: { type: "string", default: "5" },
		seconds: { type: "string", default: "3" },
	},
});
const extent = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version, pinned };

const results = await measureAll(extent, (line) => console.error(`measuring: ${line}`));
if (values.json) {
	console.log(JSON.stringify({ machine, extent, ...results }, null, "\t"));
} else {
	console.log(
		`\n${machine.cores} x ${machine.cpu}, Node ${machine.node}, ${extent.rounds} rounds of ${extent.seconds} s each${pinned ? ", server and load on a core each" : ""}\n`,
	);
	console.log(formatTable(results));
}
process.exit(0);
