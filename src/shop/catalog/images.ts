import { withPrefix } from '../../kernel/ids.ts'
import { assertRoom, imageNotFound, placedImage, withChange, withImage, withoutImage } from './image-rules.ts'
import type { ImageChange, Media, PlacedImage, ProductImage } from './image-schema.ts'
import type { ChangeBy, Products } from './products.ts'
import { versionMoved } from './refusal-rules.ts'
import type { Product } from './schema.ts'
import type { createUnsettledImages } from './unsettled-images.ts'

interface Needs {
  products: Pick<Products, 'demand' | 'rewrite'>
  media: Pick<Media, 'current' | 'pictures'>
  unsettled: Omit<ReturnType<typeof createUnsettledImages>, 'sweep'>
}

export interface ImageToAdd {
  /** The file as it came. */
  bytes: Buffer
  alt?: string | undefined
  position?: number | undefined
}

/** An image with the version of its product. */
export interface ImageAnswer {
  image: PlacedImage
  version: number
}

/** The images of products as staff change them. Files come before the product that names them, and go after it. */
export function createImages({ products, media, unsettled }: Needs) {
  /** Refuses what is no image before anything is written; a repeat of the operation finds the image that the first one made. */
  async function add(key: string, wanted: ImageToAdd, by: ChangeBy): Promise<ImageAnswer> {
    const id = withPrefix(by.operation_id, 'img')
    const product = await products.demand(key)
    if (has(product, id)) return answer(product, id)
    if (by.expected_version !== undefined && by.expected_version !== product.version) throw versionMoved()
    assertRoom(imagesOf(product))
    const { current, pictures } = media
    const picture = await pictures.read(wanted.bytes, { sizes: !current.makes_sizes })
    const note = await unsettled.adding(product.id)
    // Files of which the store did not say that they are there may still come: the sweep looks when none can.
    const stored = await current.put(note.id, picture)
    const { width, height } = picture
    const { alt = '' } = wanted
    const image: ProductImage = { id, key: note.id, store: current.name, alt, width, height, ...stored }
    try {
      const after = await products.rewrite(product.id, by, async (before) => {
        if (has(before, id)) return before
        await unsettled.assertAdding(note)
        return { ...before, images: withImage(imagesOf(before), image, wanted.position) }
      })
      return answer(after, id)
    } finally {
      await unsettled.settled(note)
    }
  }

  async function change(key: string, id: string, input: ImageChange, by: ChangeBy): Promise<ImageAnswer> {
    const after = await products.rewrite(key, by, (before) => ({
      ...before,
      images: withChange(imagesOf(before), id, input),
    }))
    return answer(after, id)
  }

  async function remove(key: string, id: string, by: ChangeBy): Promise<void> {
    const product = await products.demand(key)
    const image = imagesOf(product).find((one) => one.id === id)
    if (!image) throw imageNotFound()
    const note = await unsettled.going(product.id, image)
    try {
      await products.rewrite(product.id, by, (before) => ({
        ...before,
        images: withoutImage(imagesOf(before), id),
      }))
    } finally {
      await unsettled.settled(note)
    }
  }

  return { add, change, remove }
}

function answer(product: Product, id: string): ImageAnswer {
  return { image: placedImage(imagesOf(product), id), version: product.version }
}

function imagesOf({ images = [] }: Pick<Product, 'images'>): readonly ProductImage[] {
  return images
}

function has(product: Product | Pick<Product, 'images'>, id: string): boolean {
  return imagesOf(product).some((image) => image.id === id)
}
