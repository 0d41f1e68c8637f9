// What every file of tests stands on: the real program over a county of its own, one browser, the
// terminals of the county, and a watch over every seat that is opened.

import { launch, openSeat } from './browser.mjs'
import { FIRE, send, stateFrame } from './terminal.mjs'
import { Server } from './server.mjs'

export class Site {
  static async open() {
    const site = new Site()
    site.server = await Server.start()
    site.browser = await launch()
    site.seats = []
    site.sequence = 100
    return site
  }
  /** A new browser before this site. */
  async seat(viewport) {
    const seat = await openSeat(this.browser, this.server.origin, viewport)
    this.seats.push(seat)
    return seat
  }
  /** A browser with somebody logged in. */
  async person(account, to, viewport) {
    const seat = await this.seat(viewport)
    await seat.login(account, to)
    return seat
  }
  /** Closes all seats of a test and fails it when one of them saw something it must not. */
  async closeSeats(test) {
    const seats = this.seats.splice(0)
    await Promise.all(seats.map((s, i) => s.photograph(`end of ${test}, seat ${i + 1}`)))
    const ends = await Promise.allSettled(seats.map((s) => s.close()))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
  async close() {
    await this.browser?.close()
    await this.server?.close()
  }

  /** Registered terminals of the county, each with its unit and one of its fire detectors. */
  async terminals(seat, count) {
    const { items } = await seat.read(`/terminals?known=true&limit=${count * 2}`)
    const found = []
    for (const terminal of items.filter((t) => t.unit)) {
      const { items: points } = await seat.read(`/terminals/${terminal.id}/points?limit=50`)
      const detectors = points.filter((p) => p.component_label.includes('火灾探测器'))
      if (detectors.length >= 2) found.push({ ...terminal, points: detectors, point: detectors[0] })
      if (found.length === count) break
    }
    return found
  }
  /** The frame with which a terminal reports a state of one of its points, with the next sequence number. */
  frame(terminal, status = FIRE, point = terminal.point) {
    this.sequence += 1
    return stateFrame({ source: terminal.source, sequence: this.sequence, point, status })
  }
  /** Sends bytes to the gateway; answers what came back. */
  send(bytes) {
    return send(this.server.gateway, bytes)
  }
  /** Raises a fire and answers the alarm as the desk of `seat` sees it. */
  async fire(seat, terminal, point = terminal.point) {
    await this.send(this.frame(terminal, FIRE, point))
    return seat.alarmAt(terminal.unit.name, point.label)
  }
}
