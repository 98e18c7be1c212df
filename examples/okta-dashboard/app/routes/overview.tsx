import { RANGES } from "../../shared/types.ts";
import { Card } from "../card.tsx";
import { AppsChart } from "../charts/apps-chart.tsx";
import { RolesChart } from "../charts/roles-chart.tsx";
import { SignInsChart } from "../charts/sign-ins-chart.tsx";
import { Figure } from "../figure.tsx";
import { formatCount, formatDay, formatShare } from "../format.ts";
import { useServerState } from "../portcullis.ts";

/** What viewers and admins see: charts that name no person. */
export default function Overview() {
	const { days, apps, roles, range, setRange } = useServerState("metrics");
	const succeeded = sum(days.map((day) => day.succeeded));
	const failed = sum(days.map((day) => day.failed));
	const first = days[0];
	const last = days.at(-1);
	return (
		<>
			<title>Overview - Dashboard</title>
			<div className="page-head">
				<h1>Sign-ins</h1>
				<fieldset className="segments">
					<legend className="visually-hidden">Days to look back</legend>
					{RANGES.map((choice) => (
						<label key={choice}>
							<input
								type="radio"
								name="range"
								value={choice}
								checked={range === choice}
								onChange={() => void setRange(choice)}
							/>
							{choice} days
						</label>
					))}
				</fieldset>
			</div>
			<dl className="figures">
				<Figure name="Sign-ins" value={formatCount(succeeded)} />
				<Figure
					name="Failed attempts"
					value={formatShare(failed / Math.max(1, failed + succeeded))}
				/>
				<Figure name="Per day" value={formatCount(succeeded / Math.max(1, days.length))} />
				<Figure name="Active people" value={formatCount(sum(roles.map(({ people }) => people)))} />
			</dl>
			<div className="charts">
				<Card
					title="By day"
					note={
						first && last ? `${formatDay(first.date)} to ${formatDay(last.date)}, days in UTC` : ""
					}
					className="wide"
				>
					<SignInsChart days={days} />
				</Card>
				<Card title="By application" note="Successful sign-ins">
					<AppsChart apps={apps} />
				</Card>
				<Card title="People by role" note="Active ones; changes as admins work">
					<RolesChart roles={roles} />
				</Card>
			</div>
		</>
	);
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}
