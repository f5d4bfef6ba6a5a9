// Kapso's own SDK sends every type it knows to the emulator and reads the answers back.
// node kapso.mjs FOLDER_OF_THE_SDK URL PHONE_NUMBER_ID ACCOUNT_ID FILE; prints what came of each as JSON.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [sdk, url, phoneNumberId, businessAccountId, file] = process.argv.slice(2);
const { WhatsAppClient } = await import(pathToFileURL(`${sdk}/dist/index.js`).href);
const client = new WhatsAppClient({ baseUrl: `${url}/meta/whatsapp`, kapsoApiKey: "any", graphVersion: "v24.0" });
const { messages, media, templates, conversations } = client;

const inbound = process.env.INBOUND;
const link = "https://e.org/file";
const common = { phoneNumberId, to: "5215551234567", bizOpaqueCallbackData: "ours" };
const body = { bodyText: "Body" };
const text = { type: "text", text: "Header" };
const uploaded = await media.upload({
  phoneNumberId, type: "image/png", file: new Blob([readFileSync(file)], { type: "image/png" }), fileName: "a.png",
});
const parameter = (name) => ({ type: "text", text: "Ana", parameterName: name });
const template = { name: "order", language: { code: "es" } };

const sends = {
  text: () => messages.sendText({ ...common, body: "Hello", previewUrl: true, contextMessageId: inbound }),
  image: () => messages.sendImage({ ...common, image: { id: uploaded.id, caption: "Caption" } }),
  imageLink: () => messages.sendImage({ ...common, image: { link } }),
  video: () => messages.sendVideo({ ...common, video: { link, caption: "Caption" } }),
  audio: () => messages.sendAudio({ ...common, audio: { link, voice: true } }),
  document: () => messages.sendDocument({ ...common, document: { link, caption: "Caption", filename: "a.pdf" } }),
  sticker: () => messages.sendSticker({ ...common, sticker: { link } }),
  location: () =>
    messages.sendLocation({ ...common, location: { latitude: 19.4, longitude: -99.1, name: "Here", address: "1 St" } }),
  contacts: () =>
    messages.sendContacts({
      ...common,
      contacts: [{
        name: { formattedName: "Ana", firstName: "Ana" }, phones: [{ phone: "+1555", waId: "1555", type: "WORK" }],
        emails: [{ email: "a@e.org" }], org: { company: "E" }, urls: [{ url: "https://e.org" }],
        addresses: [{ city: "X", countryCode: "mx" }], birthday: "1999-01-23",
      }],
    }),
  reaction: () => messages.sendReaction({ ...common, reaction: { messageId: inbound, emoji: "👍" } }),
  buttons: () =>
    messages.sendInteractiveButtons({ ...common, ...body, footerText: "Footer", buttons: [{ id: "a", title: "A" }],
      header: { type: "image", image: { link } } }),
  list: () =>
    messages.sendInteractiveList({ ...common, ...body, buttonText: "Open", header: text,
      sections: [{ title: "S", rows: [{ id: "a", title: "A", description: "D" }] }] }),
  ctaUrl: () =>
    messages.sendInteractiveCtaUrl({ ...common, ...body, header: text, parameters: { displayText: "Go", url: link } }),
  flow: () =>
    messages.sendInteractiveFlow({ ...common, ...body, parameters: { flowId: "1", flowCta: "Fill in", flowToken: "t",
      flowAction: "navigate", flowActionPayload: { screen: "S", data: { a: 1 } } } }),
  locationRequest: () =>
    messages.sendInteractiveLocationRequest({ ...common, ...body, parameters: { requestMessage: "Where?" } }),
  callPermission: () =>
    messages.sendInteractiveCallPermission({ ...common, ...body, parameters: { phoneNumber: "1555" } }),
  address: () => messages.sendInteractiveAddress({ ...common, ...body, parameters: { country: "IN" } }),
  product: () => messages.sendInteractiveProduct({ ...common, ...body, catalogId: "c", productRetailerId: "p" }),
  productList: () =>
    messages.sendInteractiveProductList({ ...common, ...body, header: text, catalogId: "c",
      sections: [{ title: "S", productItems: [{ productRetailerId: "p" }] }] }),
  catalog: () =>
    messages.sendInteractiveCatalogMessage({ ...common, ...body, parameters: { thumbnailProductRetailerId: "p" } }),
  raw: () =>
    messages.sendInteractiveRaw({ ...common, interactive: { type: "request_contact_info", body: { text: "Body" },
      action: { name: "request_contact_info" } } }),
  template: () =>
    messages.sendTemplate({ ...common, template: { ...template, components: [
      { type: "header", parameters: [{ type: "image", image: { id: uploaded.id } }] },
      { type: "body", parameters: [parameter("name"), parameter("order")] },
      { type: "button", subType: "url", index: "0", parameters: [{ type: "text", text: "7" }] },
      { type: "button", subType: "quick_reply", index: "1", parameters: [{ type: "payload", payload: "no" }] },
    ] } }),
  wholePayload: () =>
    messages.sendRaw({ phoneNumberId, payload: { messagingProduct: "whatsapp", recipient: "US.13491208655302741918",
      type: "template", template: { name: "plain", language: { code: "es" } } } }),
};

const done = {};
for (const [name, send] of Object.entries(sends)) {
  try {
    const { messages: [{ id }], contacts } = await send();
    const told = await messages.get({ phoneNumberId, messageId: id });
    done[name] = { type: told.type, kind: told.interactive?.type, direction: told.kapso.direction, contacts };
  } catch (error) {
    done[name] = { failed: `${error.message} ${JSON.stringify(error.raw ?? error.details ?? "")}` };
  }
}
const listed = [];
for (let after; ;) {
  const page = await messages.query({ phoneNumberId, limit: 5, after, fields: "kapso(direction,status,content)" });
  listed.push(...page.data.map((each) => each.id));
  after = page.paging.cursors.after;
  if (!page.paging.next) break;
}
const talks = await conversations.list({ phoneNumberId, phoneNumber: "5215551234567" });
const refused = await messages.sendText({ ...common, to: "34600111222", body: "Hello" }).catch((error) => error);
console.log(JSON.stringify({
  done,
  listed: new Set(listed).size,
  read: await messages.markRead({ phoneNumberId, messageId: inbound, typingIndicator: { type: "text" } }),
  conversation: (await conversations.get({ conversationId: talks.data[0].id })).status,
  templates: (await templates.list({ businessAccountId })).data.map((each) => each.name),
  media: await media.get({ mediaId: uploaded.id, phoneNumberId }),
  bytes: (await media.download({ mediaId: uploaded.id, phoneNumberId, auth: "always" })).byteLength,
  deleted: await media.delete({ mediaId: uploaded.id, phoneNumberId }),
  refused: { name: refused.name, code: refused.code, category: refused.category, status: refused.httpStatus },
}));
