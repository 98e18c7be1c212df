import { scaleLinear, scalePoint } from "@visx/scale";
import { AreaClosed, LinePath } from "@visx/shape";
import type { Day } from "../../shared/types.ts";
import { formatCount, formatDay } from "../format.ts";
import { DataTable } from "./data-table.tsx";
import { Plot } from "./plot.tsx";

const HEIGHT = 260;
const MARGIN = { top: 12, right: 24, bottom: 28, left: 44 };

/** Sign-ins and failed attempts over time. */
export function SignInsChart({ days }: { days: readonly Day[] }) {
	const highest = Math.max(1, ...days.map(({ succeeded }) => succeeded));
	const label = `Sign-ins of ${days.length} days, at most ${formatCount(highest)} a day. The numbers are below.`;
	return (
		<>
			<ul className="legend">
				<li className="succeeded">Succeeded</li>
				<li className="failed">Failed</li>
			</ul>
			<Plot
				label={label}
				width={1040}
				height={HEIGHT}
				draw={(width) => draw(days, highest, width)}
			/>
			<DataTable
				columns={["Day", "Succeeded", "Failed"]}
				rows={days.map((day) => [
					formatDay(day.date),
					formatCount(day.succeeded),
					formatCount(day.failed),
				])}
			/>
		</>
	);
}

function draw(days: readonly Day[], highest: number, width: number) {
	const x = scalePoint({
		domain: days.map(({ date }) => date),
		range: [MARGIN.left, width - MARGIN.right],
	});
	const y = scaleLinear({
		domain: [0, highest],
		range: [HEIGHT - MARGIN.bottom, MARGIN.top],
		nice: 4,
	});
	const xOf = ({ date }: Day) => x(date) ?? 0;
	const step = Math.max(1, Math.ceil(days.length / (width / 80)));
	return (
		<>
			{y.ticks(4).map((tick) => (
				<g key={tick} transform={`translate(0 ${y(tick)})`}>
					<line className="grid" x1={MARGIN.left} x2={width - MARGIN.right} />
					<text className="tick" x={MARGIN.left - 8} dy="0.32em" textAnchor="end">
						{formatCount(tick)}
					</text>
				</g>
			))}
			{days
				.filter((_, i) => (days.length - 1 - i) % step === 0)
				.map((day) => (
					<text key={day.date} className="tick" x={xOf(day)} y={HEIGHT - 8} textAnchor="middle">
						{formatDay(day.date)}
					</text>
				))}
			<AreaClosed
				className="area"
				data={[...days]}
				x={xOf}
				y={({ succeeded }) => y(succeeded)}
				yScale={y}
			/>
			<LinePath
				className="line succeeded"
				data={[...days]}
				x={xOf}
				y={({ succeeded }) => y(succeeded)}
			/>
			<LinePath className="line failed" data={[...days]} x={xOf} y={({ failed }) => y(failed)} />
		</>
	);
}
