// The parts of ECharts that this program draws with, and nothing else of it.

import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { init, use, type ECharts } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([LineChart, BarChart, GridComponent, TooltipComponent, MarkLineComponent, SVGRenderer])

export type ChartOption = Parameters<ECharts['setOption']>[0]
export { init, type ECharts }

/** A colour of the theme, as the page has it now. */
export const colour = (name: string, of: Element): string => getComputedStyle(of).getPropertyValue(name).trim()
