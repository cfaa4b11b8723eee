// The usual names of fields, and which of a record's fields they make what. Case, blanks, dashes and underscores do not
// count, nor do the types that RecBole writes behind a name.

import { type Role, roles } from './shapes.ts'

/** The likeliest first: where a record has several of them, the first is taken. */
const usual: Readonly<Record<Role, readonly string[]>> = {
  user: words(
    'user userid uid userno userkey useruuid usr usrid customer customerid custid clientid client ' +
      'visitorid visitor reviewerid memberid member accountid account personid profileid viewerid ' +
      'buyerid shopperid readerid listenerid playerid subscriberid userpseudoid distinctid ' +
      'anonymousid domainuserid fullvisitorid deviceid sessionid session sessid sid',
  ),
  item: words(
    'item itemid itemno itemkey iid movie movieid product productid prodid parentasin asin sku ' +
      'skuid productsku itemsku article articleid contentid content businessid book bookid isbn ' +
      'animeid mangaid song songid track trackid artist artistid gameid appid videoid newsid storyid ' +
      'postid venueid locationid poiid listingid offerid goodsid recipeid courseid jobid hotelid ' +
      'restaurantid showid filmid aid pid',
  ),
  timestamp: words(
    'timestamp ts time datetime eventtime eventtimestamp date timestampms timems eventts occurredat ' +
      'createdat createdate created createtime unixreviewtime unixtime epoch tdat eventdate ' +
      'clicktime viewtime orderdate ordertime purchasedate purchasetime transactiondate visittime ' +
      'watchedat playedat ratedat reviewdate updatedat reviewtime',
  ),
  action: words('action event eventtype eventname interactiontype behavior behaviortype behaviour'),
  rating: words(
    'rating ratings stars star overall bookrating userrating starrating ratingvalue score',
  ),
}

function words(text: string): readonly string[] {
  return text.split(' ')
}

/** user_id:token → userid */
export function plainName(name: string): string {
  return bareName(name)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
}

/** user_id:token → user_id */
export function bareName(name: string): string {
  return name.replace(/:(?:token|float)(?:_seq)?$/, '')
}

/** Indices of the names that may be the role, the likeliest first. */
export function candidates(role: Role, names: readonly string[]): number[] {
  const found = names.map((name, index) => ({ index, rank: usual[role].indexOf(plainName(name)) }))
  return found
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank)
    .map(({ index }) => index)
}

export type Chosen = Partial<Record<Role, number>>

/**
 * Which name is which role. `suits` may turn a candidate down by its values; where it turns all down, the first one
 * stays, for the message that says so.
 */
export function chooseByName(
  names: readonly string[],
  suits: (role: Role, index: number) => boolean = () => true,
): Chosen {
  const chosen: Chosen = {}
  for (const role of roles) {
    const found = candidates(role, names)
    const best = found.find((index) => suits(role, index)) ?? found[0]
    if (best !== undefined) chosen[role] = best
  }
  return chosen
}

/** A name as it may be written into --columns. */
export function quotedName(name: string): string {
  const bare = bareName(name)
  return /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(bare) ? bare : `"${bare.replaceAll('"', '')}"`
}
