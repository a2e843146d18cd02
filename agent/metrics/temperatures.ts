import { temperatureSeriesName } from "#shared/metrics/sample.ts";
import type { HostFiles } from "./host-files.ts";
import type { Meter, Values } from "./meter.ts";

/** A machine with more has them from one source many times over. */
const MOST_SENSORS = 24;

/** What sensors without a reading give instead of an error, and what no working machine reaches. */
const isPlausible = (celsius: number) => celsius > -50 && celsius < 150;

/**
 * Sensors of the hardware-monitoring drivers: `temp<n>_input` in thousandths of a degree, named by `temp<n>_label` or its number.
 * Virtual machines mostly have none. https://docs.kernel.org/hwmon/sysfs-interface.html
 */
export const createTemperaturesMeter =
  (files: HostFiles): Meter =>
  () => {
    const values: Values = {};
    for (const monitor of files.list("/sys/class/hwmon")) {
      const folder = `/sys/class/hwmon/${monitor}`;
      const read = (file: string) => files.read(`${folder}/${file}`)?.trim();
      for (const file of files.list(folder)) {
        const sensor = /^(temp\d+)_input$/.exec(file)?.[1];
        const celsius = sensor === undefined ? Number.NaN : Number.parseInt(read(file) ?? "", 10) / 1000;
        if (sensor === undefined || !isPlausible(celsius)) continue;
        const name = `${read("name") ?? monitor} ${read(`${sensor}_label`) ?? sensor}`;
        const series = temperatureSeriesName(
          values[temperatureSeriesName(name)] === undefined ? name : `${name} ${monitor}`,
        );
        if (Object.keys(values).length < MOST_SENSORS) values[series] = Math.round(celsius * 10) / 10;
      }
    }
    return values;
  };
