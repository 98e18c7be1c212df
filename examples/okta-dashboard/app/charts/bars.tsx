import { scaleLinear } from "@visx/scale";
import { Bar } from "@visx/shape";
import { formatCount } from "../format.ts";
import { Plot } from "./plot.tsx";

const ROW = 52;
const BAR = 16;
/** Room for the number behind the longest bar. */
const NUMBER = 64;

interface BarsProps {
	/** What the bars are, for those who do not see them. */
	readonly label: string;
	readonly rows: readonly { readonly name: string; readonly value: number }[];
}

/** Lying bars, each below its name and with its number behind it. */
export function Bars({ label, rows }: BarsProps) {
	const text = `${label}: ${rows.map(({ name, value }) => `${name} ${formatCount(value)}`).join(", ")}`;
	const highest = Math.max(1, ...rows.map(({ value }) => value));
	return (
		<Plot
			label={text}
			width={500}
			height={rows.length * ROW}
			draw={(width) => {
				const x = scaleLinear({ domain: [0, highest], range: [0, width - NUMBER] });
				return rows.map(({ name, value }, i) => (
					<g key={name} transform={`translate(0 ${i * ROW})`}>
						<text className="name" y={18}>
							{name}
						</text>
						<Bar className="bar" y={26} width={x(value)} height={BAR} rx={4} />
						<text className="tick" x={x(value) + 8} y={26 + BAR / 2} dy="0.34em">
							{formatCount(value)}
						</text>
					</g>
				));
			}}
		/>
	);
}
